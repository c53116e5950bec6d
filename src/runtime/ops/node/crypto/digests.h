#pragma once

#include <v8.h>

#include <memory>
#include <optional>
#include <string>

#include "runtime/js/class.h"
#include "runtime/js/convert.h"
#include "runtime/js/function.h"
#include "runtime/ops/crypto/digest_ops.h"
#include "runtime/ops/crypto/hmac.h"
#include "runtime/ops/crypto/openssl.h"
#include "runtime/ops/node/crypto/memory_share.h"

namespace caravel::runtime {

using FetchedDigest = std::unique_ptr<EVP_MD, FreeWith<&EVP_MD_free>>;
// By any name that OpenSSL has for it ("sha256", "RSA-SHA256", …); nothing
// where it has none.
FetchedDigest FetchDigest(const std::string& name);

// A digest that is fed piece by piece, for crypto.createHash().
class NodeHash final : public js::Object {
 public:
  // With its object, roughly: the state of the largest digest (SHA-3).
  static constexpr size_t kWeight = 1024;

  NodeHash(MemoryShare share, DigestState state, std::optional<uint32_t> size)
      : share_(std::move(share)), state_(std::move(state)), size_(size) {}

  size_t external_size() const override { return share_.size(); }

  bool Update(js::Scope& scope, js::BytesView bytes);
  // An ArrayBuffer, as long as was asked for. Once only.
  js::Result<v8::Value> Finish(js::Scope& scope);
  // The same state, to go on with; see NodeDigests::HashNew for `size`.
  js::Result<v8::Value> Copy(js::Scope& scope, std::optional<uint32_t> size);

  static constexpr auto Js() {
    return js::Class("NodeHash", js::Method("update", &NodeHash::Update),
                     js::Method("finish", &NodeHash::Finish),
                     js::Method("copy", &NodeHash::Copy));
  }

 private:
  const MemoryShare share_;
  DigestState state_;  // empty once finished
  std::optional<uint32_t> size_;
};

// HMAC that is fed piece by piece, for crypto.createHmac().
class NodeHmac final : public js::Object {
 public:
  static constexpr size_t kWeight = 2 * NodeHash::kWeight;

  NodeHmac(MemoryShare share, RunningHmac running)
      : share_(std::move(share)), running_(std::move(running)) {}

  size_t external_size() const override { return share_.size(); }

  bool Update(js::Scope& scope, js::BytesView bytes);
  // An ArrayBuffer. Once only.
  js::Result<v8::Value> Finish(js::Scope& scope);

  static constexpr auto Js() {
    return js::Class("NodeHmac", js::Method("update", &NodeHmac::Update),
                     js::Method("finish", &NodeHmac::Finish));
  }

 private:
  const MemoryShare share_;
  std::optional<RunningHmac> running_;  // nothing once finished
};

// Digests of Node's internal binding `crypto`.
//
// Threads: the one that is in the isolate.
struct NodeDigests {
  // `size` is in bytes; only an extendable-output function has another than
  // its own. Throws what Node throws of a digest that is not known.
  static js::Result<v8::Value> HashNew(js::Scope& scope, std::string algorithm,
                                       std::optional<uint32_t> size);
  static js::Result<v8::Value> HashOnce(js::Scope& scope, std::string algorithm,
                                        std::optional<uint32_t> size,
                                        js::BytesView bytes);
  static js::Result<v8::Value> HmacNew(js::Scope& scope, std::string algorithm,
                                       js::BytesView key);
  static bool HasDigest(js::Scope& scope, std::string algorithm);
  // In bytes; 0 of one that is not known.
  static uint32_t DigestSize(js::Scope& scope, std::string algorithm);

  static constexpr auto Js() {
    return js::Functions(
        js::Function("hashNew", &HashNew), js::Function("hashOnce", &HashOnce),
        js::Function("hmacNew", &HmacNew),
        js::Function("hasDigest", &HasDigest),
        js::Function("digestSize", &DigestSize),
        js::Function("timingSafeEqual", &DigestOps::TimingSafeEqual));
  }
};

}  // namespace caravel::runtime
