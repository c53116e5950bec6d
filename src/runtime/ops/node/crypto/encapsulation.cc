// Tests: node_crypto_test.cc.
#include "runtime/ops/node/crypto/encapsulation.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>

#include "runtime/ops/crypto/openssl.h"
#include "runtime/ops/node/crypto/failure.h"

namespace caravel::runtime {
namespace {

js::Result<v8::Value> ThrowNoEncapsulation(js::Scope& scope,
                                           std::string_view message) {
  return ThrowCoded(scope, ErrorClass::kError, "ERR_CRYPTO_OPERATION_FAILED",
                    message);
}

// The way of the kinds of keys that OpenSSL has several for, or will.
const char* WayOf(EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "RSA") == 1) return OSSL_KEM_PARAM_OPERATION_RSASVE;
  const bool is_curve = EVP_PKEY_is_a(key, "EC") == 1 ||
                        EVP_PKEY_is_a(key, "X25519") == 1 ||
                        EVP_PKEY_is_a(key, "X448") == 1;
  return is_curve ? OSSL_KEM_PARAM_OPERATION_DHKEM : nullptr;
}

KeyContext Prepared(EVP_PKEY* key, bool encapsulates) {
  KeyContext context(key == nullptr
                         ? nullptr
                         : EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  if (context == nullptr ||
      (encapsulates ? EVP_PKEY_encapsulate_init(context.get(), nullptr)
                    : EVP_PKEY_decapsulate_init(context.get(), nullptr)) != 1) {
    return nullptr;
  }
  const char* const way = WayOf(key);
  if (way != nullptr && EVP_PKEY_CTX_set_kem_op(context.get(), way) != 1) {
    return nullptr;
  }
  return context;
}

}  // namespace

js::Result<v8::Value> NodeEncapsulation::Encapsulate(js::Scope& scope,
                                                     NodeKey* key) {
  const KeyContext context = Prepared(key->pair(), true);
  size_t carrier_size = 0;
  size_t secret_size = 0;
  if (context == nullptr ||
      EVP_PKEY_encapsulate(context.get(), nullptr, &carrier_size, nullptr,
                           &secret_size) != 1) {
    return ThrowNoEncapsulation(scope, "Encapsulation failed");
  }
  v8::Local<v8::ArrayBuffer> carrier;
  v8::Local<v8::ArrayBuffer> secret;
  if (!NewCryptoBuffer(scope, carrier_size).ToLocal(&carrier) ||
      !NewCryptoBuffer(scope, secret_size).ToLocal(&secret)) {
    return {};
  }
  if (EVP_PKEY_encapsulate(context.get(), BytesOf(carrier), &carrier_size,
                           BytesOf(secret), &secret_size) != 1) {
    return ThrowNoEncapsulation(scope, "Encapsulation failed");
  }
  ERR_clear_error();
  v8::Local<v8::Value> both[] = {secret, carrier};
  return v8::Array::New(scope.isolate(), both, 2);
}

js::Result<v8::Value> NodeEncapsulation::Decapsulate(js::Scope& scope,
                                                     NodeKey* key,
                                                     js::BytesView carrier) {
  const bool has_private = key->type() == NodeKeyType::kPrivate;
  const KeyContext context =
      has_private ? Prepared(key->pair(), false) : nullptr;
  size_t size = 0;
  if (context == nullptr ||
      EVP_PKEY_decapsulate(context.get(), nullptr, &size,
                           BytesOf(carrier.bytes), carrier.bytes.size()) != 1) {
    return ThrowNoEncapsulation(scope, "Decapsulation failed");
  }
  SecretBytes secret(size);
  if (EVP_PKEY_decapsulate(context.get(), BytesOf(secret.get()), &size,
                           BytesOf(carrier.bytes), carrier.bytes.size()) != 1) {
    return ThrowNoEncapsulation(scope, "Decapsulation failed");
  }
  ERR_clear_error();
  return ToBuffer(scope, std::string_view(secret.get()).substr(0, size));
}

}  // namespace caravel::runtime
