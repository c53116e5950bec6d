#include "runtime/ops/crypto/openssl.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/err.h>

namespace caravel::runtime {
namespace {

// Looking an algorithm up takes OpenSSL longer than hashing a short text.
const EVP_MD* Fetched(const char* name) {
  return EVP_MD_fetch(nullptr, name, nullptr);
}

}  // namespace

Result<const EVP_MD*> FindDigest(std::string_view algorithm) {
  static const EVP_MD* const kSha1 = Fetched("SHA1");
  static const EVP_MD* const kSha256 = Fetched("SHA2-256");
  static const EVP_MD* const kSha384 = Fetched("SHA2-384");
  static const EVP_MD* const kSha512 = Fetched("SHA2-512");
  static const EVP_MD* const kMd5 = Fetched("MD5");
  const EVP_MD* found = nullptr;
  if (algorithm == "SHA-256") found = kSha256;
  if (algorithm == "SHA-1") found = kSha1;
  if (algorithm == "SHA-384") found = kSha384;
  if (algorithm == "SHA-512") found = kSha512;
  if (algorithm == "MD5") found = kMd5;
  if (found != nullptr) return found;
  return Error(ErrorCode::kInvalid,
               fmt::format("digest algorithm \"{}\" is not known", algorithm))
      .Remedy("use SHA-1, SHA-256, SHA-384, SHA-512 or MD5");
}

Error OpenSslError(std::string_view what) {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = ERR_reason_error_string(code);
  return Error(ErrorCode::kInternal,
               fmt::format("{}: {}", what,
                           reason == nullptr ? "OpenSSL failed" : reason));
}

Result<v8::Local<v8::ArrayBuffer>> NewResult(js::Scope& scope, size_t size) {
  v8::Local<v8::ArrayBuffer> buffer;
  if (!v8::ArrayBuffer::MaybeNew(
           scope.isolate(), size,
           v8::BackingStoreInitializationMode::kUninitialized)
           .ToLocal(&buffer)) {
    return Error(ErrorCode::kLimit, "Array buffer allocation failed");
  }
  return buffer;
}

void SecretBytes::Wipe() {
  OPENSSL_cleanse(bytes_.data(), bytes_.size());
  bytes_.clear();
}

}  // namespace caravel::runtime
