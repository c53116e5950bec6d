#pragma once

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/params.h>
#include <openssl/types.h>
#include <openssl/x509.h>
#include <v8.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "runtime/js/scope.h"

// What the files of this folder share of OpenSSL, which is the one in the Node
// binary: owners of its objects, algorithms by the names of Web Cryptography,
// and its errors as ours.
//
// Threads: any, but for what takes a js::Scope.
namespace caravel::runtime {

template <auto kFree>
struct FreeWith {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};

using BigNumber = std::unique_ptr<BIGNUM, FreeWith<&BN_clear_free>>;
using Bio = std::unique_ptr<BIO, FreeWith<&BIO_free_all>>;
using CipherContext =
    std::unique_ptr<EVP_CIPHER_CTX, FreeWith<&EVP_CIPHER_CTX_free>>;
using DigestState = std::unique_ptr<EVP_MD_CTX, FreeWith<&EVP_MD_CTX_free>>;
using EcdsaPair = std::unique_ptr<ECDSA_SIG, FreeWith<&ECDSA_SIG_free>>;
using EvpKey = std::unique_ptr<EVP_PKEY, FreeWith<&EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, FreeWith<&EVP_PKEY_CTX_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, FreeWith<&OSSL_PARAM_free>>;
using ParameterBuilder =
    std::unique_ptr<OSSL_PARAM_BLD, FreeWith<&OSSL_PARAM_BLD_free>>;
using Pkcs8 =
    std::unique_ptr<PKCS8_PRIV_KEY_INFO, FreeWith<&PKCS8_PRIV_KEY_INFO_free>>;

// "SHA-1", "SHA-256", "SHA-384", "SHA-512", "MD5"; any other is kInvalid. Lives
// as long as the process.
Result<const EVP_MD*> FindDigest(std::string_view algorithm);

// The error that OpenSSL keeps for this thread, taken from there.
Error OpenSslError(std::string_view what);

inline const unsigned char* BytesOf(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
inline unsigned char* BytesOf(std::string& bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}
inline unsigned char* BytesOf(v8::Local<v8::ArrayBuffer> buffer) {
  return static_cast<unsigned char*>(buffer->Data());
}

// A buffer for what is about to be computed; kLimit beyond the isolate's
// memory.
Result<v8::Local<v8::ArrayBuffer>> NewResult(js::Scope& scope, size_t size);

// Bytes that are wiped when they go.
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(std::string bytes) : bytes_(std::move(bytes)) {}
  explicit SecretBytes(size_t size) : bytes_(size, '\0') {}
  SecretBytes(SecretBytes&& other) noexcept : bytes_(std::move(other.bytes_)) {
    other.Wipe();
  }
  SecretBytes& operator=(SecretBytes&&) = delete;
  ~SecretBytes() { Wipe(); }

  const std::string& get() const CARAVEL_LIFETIME_BOUND { return bytes_; }
  std::string& get() CARAVEL_LIFETIME_BOUND { return bytes_; }

 private:
  void Wipe();
  std::string bytes_;
};

}  // namespace caravel::runtime
