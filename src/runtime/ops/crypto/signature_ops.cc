#include "runtime/ops/crypto/signature_ops.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include <array>
#include <optional>

#include "runtime/ops/crypto/signature_pair.h"

namespace caravel::runtime {
namespace {

struct SignatureScheme {
  bool is_hmac;
  bool is_pss;
  bool is_ecdsa;
  const EVP_MD* digest;  // nullptr for EdDSA
};

Result<SignatureScheme> SchemeOf(std::string_view scheme,
                                 std::string_view digest) {
  const EVP_MD* found = nullptr;
  if (scheme != "EdDSA") {
    CARAVEL_TRY(found, FindDigest(digest));
  }
  return SignatureScheme{scheme == "HMAC", scheme == "RSA-PSS",
                         scheme == "ECDSA", found};
}

bool SetSaltLength(EVP_PKEY_CTX* context, const SignatureScheme& scheme,
                   int32_t salt_length) {
  return !scheme.is_pss ||
         (EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
          EVP_PKEY_CTX_set_rsa_pss_saltlen(context, salt_length) == 1);
}

Result<js::NewBytes> SignHmac(KeyMaterial& key, const EVP_MD* digest,
                              std::string_view data) {
  CARAVEL_TRY(Hmac* const hmac, key.HmacWith(digest));
  js::NewBytes code{std::string(hmac->size(), '\0')};
  CARAVEL_TRY(hmac->Compute({data}, BytesOf(code.bytes)));
  return code;
}

Result<bool> VerifyHmac(KeyMaterial& key, const EVP_MD* digest,
                        std::string_view signature, std::string_view data) {
  CARAVEL_TRY(const js::NewBytes code, SignHmac(key, digest, data));
  return signature.size() == code.bytes.size() &&
         CRYPTO_memcmp(signature.data(), code.bytes.data(), signature.size()) ==
             0;
}

}  // namespace

Result<js::NewBytes> SignatureOps::Sign(js::Scope&, KeyMaterial* key,
                                        std::string scheme, std::string digest,
                                        int32_t salt_length,
                                        js::BytesView data) {
  CARAVEL_TRY(const SignatureScheme found, SchemeOf(scheme, digest));
  if (found.is_hmac) return SignHmac(*key, found.digest, data.bytes);
  const DigestState state(EVP_MD_CTX_new());
  EVP_PKEY_CTX* context = nullptr;  // of the state
  js::NewBytes signature;
  signature.bytes.resize(static_cast<size_t>(EVP_PKEY_get_size(key->pair())));
  size_t size = signature.bytes.size();
  if (state == nullptr ||
      EVP_DigestSignInit(state.get(), &context, found.digest, nullptr,
                         key->pair()) != 1 ||
      !SetSaltLength(context, found, salt_length) ||
      EVP_DigestSign(state.get(), BytesOf(signature.bytes), &size,
                     BytesOf(data.bytes), data.bytes.size()) != 1) {
    return OpenSslError("sign");
  }
  signature.bytes.resize(size);
  if (found.is_ecdsa) {
    std::optional<std::string> numbers =
        NumbersOfPair(signature.bytes, key->kind().size);
    if (!numbers) return OpenSslError("sign");
    signature.bytes = std::move(*numbers);
  }
  return signature;
}

Result<bool> SignatureOps::Verify(js::Scope&, KeyMaterial* key,
                                  std::string scheme, std::string digest,
                                  int32_t salt_length, js::BytesView signature,
                                  js::BytesView data) {
  CARAVEL_TRY(const SignatureScheme found, SchemeOf(scheme, digest));
  std::string_view given = signature.bytes;
  if (found.is_hmac) return VerifyHmac(*key, found.digest, given, data.bytes);
  std::optional<std::string> der;
  if (found.is_ecdsa) {
    der = PairOfNumbers(given, key->kind().size);
    if (!der) return false;
    given = *der;
  }
  const DigestState state(EVP_MD_CTX_new());
  EVP_PKEY_CTX* context = nullptr;  // of the state
  if (state == nullptr ||
      EVP_DigestVerifyInit(state.get(), &context, found.digest, nullptr,
                           key->pair()) != 1 ||
      !SetSaltLength(context, found, salt_length)) {
    return OpenSslError("verify");
  }
  const bool verified =
      EVP_DigestVerify(state.get(), BytesOf(given), given.size(),
                       BytesOf(data.bytes), data.bytes.size()) == 1;
  ERR_clear_error();
  return verified;
}

}  // namespace caravel::runtime
