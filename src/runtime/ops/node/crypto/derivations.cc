// Tests: node_crypto_test.cc, and Node's own tests (tests/node).
#include "runtime/ops/node/crypto/derivations.h"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/kdf.h>

#include <array>

#include "runtime/isolate_state.h"
#include "runtime/memory_account.h"
#include "runtime/ops/crypto/derivation.h"
#include "runtime/ops/node/crypto/digests.h"
#include "runtime/ops/node/crypto/failure.h"

namespace caravel::runtime {
namespace {

using Kdf = std::unique_ptr<EVP_KDF, FreeWith<&EVP_KDF_free>>;
using KdfContext = std::unique_ptr<EVP_KDF_CTX, FreeWith<&EVP_KDF_CTX_free>>;

js::Result<v8::Value> ThrowInvalidDigest(js::Scope& scope,
                                         const std::string& digest) {
  return ThrowCoded(scope, ErrorClass::kTypeError, "ERR_CRYPTO_INVALID_DIGEST",
                    fmt::format("Invalid digest: {}", digest));
}

// A buffer of `size` bytes that `derive(bytes)` fills.
template <typename Derive>
js::Result<v8::Value> Derived(js::Scope& scope, uint32_t size, Derive derive) {
  v8::Local<v8::ArrayBuffer> buffer;
  if (!NewCryptoBuffer(scope, size).ToLocal(&buffer)) return {};
  const Status status = derive(
      std::span(static_cast<unsigned char*>(buffer->Data()), size_t{size}));
  if (status) return buffer;
  js::Throw(scope, status.error());
  return {};
}

// OpenSSL reads them; it takes no bytes only where there is a place for them.
OSSL_PARAM ParameterOf(const char* name, js::BytesView view) {
  static char nowhere = 0;
  return OSSL_PARAM_construct_octet_string(
      name,
      view.bytes.empty() ? &nowhere : const_cast<char*>(view.bytes.data()),
      view.bytes.size());
}

}  // namespace

js::Result<v8::Value> NodeDerivations::Pbkdf2(
    js::Scope& scope, std::string digest, uint32_t iterations, uint32_t size,
    js::BytesView password, js::BytesView salt) {
  const FetchedDigest found = FetchDigest(digest);
  if (found == nullptr || EVP_MD_get_size(found.get()) <= 0) {
    return ThrowInvalidDigest(scope, digest);
  }
  return Derived(scope, size, [&](std::span<unsigned char> out) -> Status {
    CARAVEL_TRY(Hmac hmac, Hmac::Create(found.get(), password.bytes));
    return DeriveByPbkdf2(scope, hmac, salt.bytes,
                          std::max(iterations, uint32_t{1}), out);
  });
}

js::Result<v8::Value> NodeDerivations::Hkdf(js::Scope& scope,
                                            std::string digest, uint32_t size,
                                            js::BytesView key,
                                            js::BytesView salt,
                                            js::BytesView info) {
  const FetchedDigest found = FetchDigest(digest);
  if (found == nullptr) return ThrowInvalidDigest(scope, digest);
  const int digest_size = EVP_MD_get_size(found.get());
  if (digest_size <= 0 || size > 255U * static_cast<uint32_t>(digest_size)) {
    return ThrowCoded(scope, ErrorClass::kRangeError,
                      "ERR_CRYPTO_INVALID_KEYLEN", "Invalid key length");
  }
  return Derived(scope, size, [&](std::span<unsigned char> out) {
    return DeriveByHkdf(found.get(), key.bytes, salt.bytes, info.bytes, out);
  });
}

js::Result<v8::Value> NodeDerivations::CheckScrypt(js::Scope& scope, uint32_t n,
                                                   uint32_t r, uint32_t p,
                                                   double most_memory) {
  ERR_clear_error();
  const auto most = static_cast<uint64_t>(most_memory);
  if (EVP_PBE_scrypt(nullptr, 0, nullptr, 0, n, r, p, most, nullptr, 0) == 1) {
    return v8::Undefined(scope.isolate());
  }
  const unsigned long error = ERR_peek_last_error();
  std::array<char, 256> text{};
  ERR_error_string_n(error, text.data(), text.size());
  return ThrowCoded(
      scope, ErrorClass::kRangeError, "ERR_CRYPTO_INVALID_SCRYPT_PARAMS",
      error == 0 ? "Invalid scrypt params"
                 : fmt::format("Invalid scrypt params: {}", text.data()));
}

js::Result<v8::Value> NodeDerivations::Scrypt(js::Scope& scope, uint32_t n,
                                              uint32_t r, uint32_t p,
                                              double most_memory, uint32_t size,
                                              js::BytesView password,
                                              js::BytesView salt) {
  v8::Local<v8::Value> checked;
  if (!CheckScrypt(scope, n, r, p, most_memory).ToLocal(&checked)) return {};
  return Derived(scope, size, [&](std::span<unsigned char> out) {
    return DeriveByScrypt(scope, password.bytes, salt.bytes,
                          {.n = n, .r = r, .p = p}, out);
  });
}

js::Result<v8::Value> NodeDerivations::Argon2(
    js::Scope& scope, uint32_t type, uint32_t lanes, uint32_t size,
    uint32_t memory, uint32_t passes, js::BytesView message,
    js::BytesView nonce, js::BytesView secret, js::BytesView associated) {
  static constexpr std::array kNames = {"ARGON2D", "ARGON2I", "ARGON2ID"};
  if (static_cast<double>(memory) * passes > kMostArgon2Work) {
    return ThrowCoded(
        scope, ErrorClass::kRangeError, "ERR_OUT_OF_RANGE",
        fmt::format("Argon2 with {} KiB in {} passes computes longer than a "
                    "Worker may. Use memory times passes below {:.0f}",
                    memory, passes, kMostArgon2Work));
  }
  MemoryAccount& account = *scope.state().memory;
  const size_t needed = size_t{memory} * 1024;
  if (!account.Reserve(needed)) {
    js::ThrowRangeError(scope, "Argon2 needs more memory than the Worker has");
    return {};
  }
  const Kdf kdf(EVP_KDF_fetch(
      nullptr, kNames[std::min<size_t>(type, kNames.size() - 1)], nullptr));
  const KdfContext context(kdf == nullptr ? nullptr
                                          : EVP_KDF_CTX_new(kdf.get()));
  uint32_t threads = 1;
  const OSSL_PARAM parameters[] = {
      ParameterOf(OSSL_KDF_PARAM_PASSWORD, message),
      ParameterOf(OSSL_KDF_PARAM_SALT, nonce),
      ParameterOf(OSSL_KDF_PARAM_SECRET, secret),
      ParameterOf(OSSL_KDF_PARAM_ARGON2_AD, associated),
      OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_THREADS, &threads),
      OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_ARGON2_LANES, &lanes),
      OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_ARGON2_MEMCOST, &memory),
      OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_ITER, &passes),
      OSSL_PARAM_construct_end()};
  v8::Local<v8::ArrayBuffer> buffer;
  const bool room = NewCryptoBuffer(scope, size).ToLocal(&buffer);
  const bool derived =
      room && context != nullptr &&
      EVP_KDF_derive(context.get(), BytesOf(buffer), size, parameters) == 1;
  account.Release(needed);
  if (derived) return buffer;
  if (!room) return {};
  return ThrowOpenSsl(scope, "Argon2 derivation failed");
}

}  // namespace caravel::runtime
