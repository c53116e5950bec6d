#pragma once

#include <v8.h>

#include <memory>
#include <string>
#include <string_view>

#include "runtime/js/class.h"
#include "runtime/js/convert.h"
#include "runtime/js/function.h"
#include "runtime/ops/crypto/openssl.h"
#include "runtime/ops/node/crypto/memory_share.h"

namespace caravel::runtime {

// Numbers of Node's binding: kKeyTypeSecret and so on.
enum class NodeKeyType : uint32_t { kSecret = 0, kPublic = 1, kPrivate = 2 };

// What a KeyObject of node:crypto holds: the bytes of a secret key, or a public
// or private key of any kind. Counted against the isolate's memory and wiped
// when it goes.
//
// Threads: the one that is in the isolate.
class NodeKey final : public js::Object {
 public:
  // RangeError when the isolate has no room for it.
  static js::Result<v8::Value> OfSecret(js::Scope& scope,
                                        std::string_view secret);
  // The same, and for numbers beyond their bounds (key_bounds.h). Requires:
  // `key` is not nullptr; `type` is not kSecret.
  static js::Result<v8::Value> OfPair(js::Scope& scope, NodeKeyType type,
                                      EvpKey key);
  size_t external_size() const override { return share_.size(); }

  NodeKeyType type() const { return type_; }
  std::string_view secret() const CARAVEL_LIFETIME_BOUND {
    return secret_.get();
  }
  // nullptr of a secret.
  EVP_PKEY* pair() const { return pair_.get(); }

  // ---- for JS ----
  uint32_t Type(js::Scope& scope);
  // The bytes of a secret key, none of another.
  js::Result<v8::Value> Secret(js::Scope& scope);
  // Of a secret, in bytes.
  uint32_t SecretSize(js::Scope& scope);
  bool Equals(js::Scope& scope, NodeKey* other);

  static constexpr auto Js() {
    return js::Class("NodeKey", js::Method("type", &NodeKey::Type),
                     js::Method("secret", &NodeKey::Secret),
                     js::Method("secretSize", &NodeKey::SecretSize),
                     js::Method("equals", &NodeKey::Equals));
  }

 private:
  NodeKey(MemoryShare share, NodeKeyType type, SecretBytes secret, EvpKey pair)
      : share_(std::move(share)),
        type_(type),
        secret_(std::move(secret)),
        pair_(std::move(pair)) {}
  static js::Result<v8::Value> Make(js::Scope& scope, size_t size,
                                    NodeKeyType type, SecretBytes secret,
                                    EvpKey pair);

  const MemoryShare share_;
  const NodeKeyType type_;
  const SecretBytes secret_;
  const EvpKey pair_;
};

// Keys of Node's internal binding `crypto`.
struct NodeKeys {
  static js::Result<v8::Value> SecretNew(js::Scope& scope, js::BytesView bytes);

  static constexpr auto Js() {
    return js::Functions(js::Function("secretNew", &SecretNew));
  }
};

}  // namespace caravel::runtime
