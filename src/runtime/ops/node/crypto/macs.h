#pragma once

#include <openssl/evp.h>
#include <v8.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "runtime/js/class.h"
#include "runtime/js/convert.h"
#include "runtime/js/function.h"
#include "runtime/ops/crypto/openssl.h"
#include "runtime/ops/node/crypto/memory_share.h"

namespace caravel::runtime {

using MacContext = std::unique_ptr<EVP_MAC_CTX, FreeWith<&EVP_MAC_CTX_free>>;

// A message authentication code that is fed piece by piece, for
// crypto.createMac().
//
// Threads: the one that is in the isolate.
class NodeMac final : public js::Object {
 public:
  static constexpr size_t kWeight = 4096;  // with its object, roughly

  NodeMac(MemoryShare share, MacContext context, size_t size)
      : share_(std::move(share)), context_(std::move(context)), size_(size) {}

  size_t external_size() const override { return share_.size(); }

  // False once finished.
  bool Update(js::Scope& scope, js::BytesView bytes);
  // An ArrayBuffer, as long as was asked for. Once only.
  js::Result<v8::Value> Finish(js::Scope& scope);

  static constexpr auto Js() {
    return js::Class("NodeMac", js::Method("update", &NodeMac::Update),
                     js::Method("finish", &NodeMac::Finish));
  }

 private:
  const MemoryShare share_;
  MacContext context_;  // empty once finished
  const size_t size_;   // in bytes
};

// Message authentication codes of Node's internal binding `crypto`.
struct NodeMacs {
  // Throws what Node throws of a code that is not known, of an option that it
  // has not, and of one that it needs. `size` is in bytes.
  static js::Result<v8::Value> MacNew(
      js::Scope& scope, std::string name, std::optional<std::string> digest,
      std::optional<std::string> cipher, std::optional<uint32_t> size,
      js::BytesView key, std::optional<js::BytesView> iv,
      std::optional<js::BytesView> customization,
      std::optional<js::BytesView> salt);

  static constexpr auto Js() {
    return js::Functions(js::Function("macNew", &MacNew));
  }
};

}  // namespace caravel::runtime
