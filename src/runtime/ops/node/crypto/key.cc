// Tests: node_crypto_test.cc, and Node's own tests (tests/node).
#include "runtime/ops/node/crypto/key.h"

#include <openssl/crypto.h>

#include "runtime/ops/crypto/key_bounds.h"
#include "runtime/ops/node/crypto/failure.h"

namespace caravel::runtime {
namespace {

// What a key weighs beside its numbers, roughly: OpenSSL's objects and ours.
constexpr size_t kKeyObjectOverhead = 2048;

}  // namespace

js::Result<v8::Value> NodeKey::Make(js::Scope& scope, size_t size,
                                    NodeKeyType type, SecretBytes secret,
                                    EvpKey pair) {
  auto share = MemoryShare::Take(scope, size, "the key");
  if (!share) return {};
  return js::Wrap(
      scope, std::unique_ptr<NodeKey>(new NodeKey(
                 std::move(*share), type, std::move(secret), std::move(pair))));
}

js::Result<v8::Value> NodeKey::OfSecret(js::Scope& scope,
                                        std::string_view secret) {
  return Make(scope, secret.size() + kKeyObjectOverhead, NodeKeyType::kSecret,
              SecretBytes(std::string(secret)), nullptr);
}

js::Result<v8::Value> NodeKey::OfPair(js::Scope& scope, NodeKeyType type,
                                      EvpKey key) {
  if (const auto refusal = RefuseNumbers(key.get())) {
    return ThrowCoded(scope, ErrorClass::kRangeError, "ERR_OUT_OF_RANGE",
                      *refusal);
  }
  const auto numbers =
      static_cast<size_t>(std::max(EVP_PKEY_get_bits(key.get()), 0));
  return Make(scope, numbers + kKeyObjectOverhead, type, SecretBytes(),
              std::move(key));
}

uint32_t NodeKey::Type(js::Scope&) { return static_cast<uint32_t>(type_); }

js::Result<v8::Value> NodeKey::Secret(js::Scope& scope) {
  return ToBuffer(scope, secret());
}

uint32_t NodeKey::SecretSize(js::Scope&) {
  return static_cast<uint32_t>(secret().size());
}

bool NodeKey::Equals(js::Scope&, NodeKey* other) {
  if (type_ != other->type_) return false;
  if (type_ != NodeKeyType::kSecret) {
    return EVP_PKEY_eq(pair(), other->pair()) == 1;
  }
  return secret().size() == other->secret().size() &&
         CRYPTO_memcmp(secret().data(), other->secret().data(),
                       secret().size()) == 0;
}

js::Result<v8::Value> NodeKeys::SecretNew(js::Scope& scope,
                                          js::BytesView bytes) {
  return NodeKey::OfSecret(scope, bytes.bytes);
}

}  // namespace caravel::runtime
