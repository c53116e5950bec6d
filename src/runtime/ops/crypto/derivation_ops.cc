#include "runtime/ops/crypto/derivation_ops.h"

#include "runtime/ops/crypto/derivation.h"

namespace caravel::runtime {
DerivationOps::Bytes DerivationOps::Agree(js::Scope& scope, KeyMaterial* own,
                                          KeyMaterial* other) {
  const KeyContext context(
      EVP_PKEY_CTX_new_from_pkey(nullptr, own->pair(), nullptr));
  size_t size = 0;
  if (context == nullptr || EVP_PKEY_derive_init(context.get()) != 1 ||
      EVP_PKEY_derive_set_peer(context.get(), other->pair()) != 1 ||
      EVP_PKEY_derive(context.get(), nullptr, &size) != 1) {
    return OpenSslError("key agreement");
  }
  CARAVEL_TRY(const auto result, NewResult(scope, size));
  if (EVP_PKEY_derive(context.get(), BytesOf(result), &size) != 1 ||
      size != result->ByteLength()) {
    return OpenSslError("key agreement");
  }
  return result;
}

DerivationOps::Bytes DerivationOps::Hkdf(js::Scope& scope, KeyMaterial* key,
                                         std::string digest, js::BytesView salt,
                                         js::BytesView info, uint32_t size) {
  CARAVEL_TRY(const EVP_MD* const found, FindDigest(digest));
  const auto block_size = static_cast<size_t>(EVP_MD_get_size(found));
  if (size > 255 * block_size) {
    return Error(ErrorCode::kInvalid,
                 "more bytes than 255 times the digest cannot be derived");
  }
  CARAVEL_TRY(const auto result, NewResult(scope, size));
  CARAVEL_TRY(DeriveByHkdf(found, key->secret(), salt.bytes, info.bytes,
                           {BytesOf(result), size}));
  return result;
}

DerivationOps::Bytes DerivationOps::Pbkdf2(js::Scope& scope, KeyMaterial* key,
                                           std::string digest,
                                           js::BytesView salt,
                                           uint32_t iterations, uint32_t size) {
  CARAVEL_TRY(const EVP_MD* const found, FindDigest(digest));
  CARAVEL_TRY(Hmac* const hmac, key->HmacWith(found));
  CARAVEL_TRY(const auto result, NewResult(scope, size));
  CARAVEL_TRY(DeriveByPbkdf2(scope, *hmac, salt.bytes, iterations,
                             {BytesOf(result), size}));
  return result;
}

}  // namespace caravel::runtime
