#include "runtime/ops/crypto_ops.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cstdint>

#include "runtime/isolate_state.h"

namespace caravel::runtime {
namespace {

const unsigned char* BytesOf(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* BytesOf(std::string& bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

Result<const EVP_MD*> FindDigest(std::string_view algorithm) {
  if (algorithm == "SHA-256") return EVP_sha256();
  if (algorithm == "SHA-1") return EVP_sha1();
  if (algorithm == "SHA-384") return EVP_sha384();
  if (algorithm == "SHA-512") return EVP_sha512();
  if (algorithm == "MD5") return EVP_md5();
  return Error(ErrorCode::kInvalid,
               fmt::format("digest algorithm \"{}\" is not known", algorithm))
      .Remedy("use SHA-1, SHA-256, SHA-384, SHA-512 or MD5");
}

// The error that OpenSSL keeps for this thread, taken from there.
Error OpenSslError(std::string_view what) {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = ERR_reason_error_string(code);
  return Error(ErrorCode::kInternal,
               fmt::format("{}: {}", what,
                           reason == nullptr ? "OpenSSL failed" : reason));
}

// The random bits as a version 4 UUID in lower case (RFC 9562, section 5.4).
std::string FormatUuid(std::array<char, 16> random) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  random[6] = static_cast<char>((random[6] & 0x0F) | 0x40);
  random[8] = static_cast<char>((random[8] & 0x3F) | 0x80);
  std::string text(36, '-');
  size_t at = 0;
  for (const char byte : random) {
    if (at == 8 || at == 13 || at == 18 || at == 23) ++at;
    text[at++] = kDigits[static_cast<uint8_t>(byte) >> 4];
    text[at++] = kDigits[static_cast<uint8_t>(byte) & 0x0F];
  }
  return text;
}

Error FinishedError() {
  return Error(ErrorCode::kInvalid, "the digest is finished already")
      .Remedy("start another for more data");
}

}  // namespace

void FreeDigest::operator()(EVP_MD_CTX* context) const {
  EVP_MD_CTX_free(context);
}

Result<std::unique_ptr<DigestContext>> DigestContext::Create(
    std::string_view algorithm) {
  CARAVEL_TRY(const EVP_MD* const digest, FindDigest(algorithm));
  Context context(EVP_MD_CTX_new());
  if (context == nullptr ||
      EVP_DigestInit_ex(context.get(), digest, nullptr) != 1) {
    return OpenSslError(algorithm);
  }
  return std::unique_ptr<DigestContext>(new DigestContext(std::move(context)));
}

Status DigestContext::Update(js::Scope&, js::BytesView bytes) {
  if (context_ == nullptr) return FinishedError();
  if (EVP_DigestUpdate(context_.get(), bytes.bytes.data(),
                       bytes.bytes.size()) != 1) {
    return OpenSslError("digest update");
  }
  return {};
}

Result<js::NewBytes> DigestContext::Finish(js::Scope&) {
  if (context_ == nullptr) return FinishedError();
  js::NewBytes result;
  result.bytes.resize(
      static_cast<size_t>(EVP_MD_get_size(EVP_MD_CTX_get0_md(context_.get()))));
  if (EVP_DigestFinal_ex(context_.get(), BytesOf(result.bytes), nullptr) != 1) {
    return OpenSslError("digest");
  }
  context_.reset();
  return result;
}

void CryptoOps::RandomFill(js::Scope& scope, js::MutableBytes view) {
  scope.state().random.Fill(view.bytes);
}

js::ByteString CryptoOps::RandomUuid(js::Scope& scope) {
  std::array<char, 16> random;
  scope.state().random.Fill(random);
  return {FormatUuid(random)};
}

Result<js::NewBytes> CryptoOps::Digest(js::Scope&, std::string algorithm,
                                       js::BytesView data) {
  CARAVEL_TRY(const EVP_MD* const digest, FindDigest(algorithm));
  js::NewBytes result;
  result.bytes.resize(static_cast<size_t>(EVP_MD_get_size(digest)));
  if (EVP_Digest(data.bytes.data(), data.bytes.size(), BytesOf(result.bytes),
                 nullptr, digest, nullptr) != 1) {
    return OpenSslError(algorithm);
  }
  return result;
}

Result<std::unique_ptr<DigestContext>> CryptoOps::DigestNew(
    js::Scope&, std::string algorithm) {
  return DigestContext::Create(algorithm);
}

Result<js::NewBytes> CryptoOps::Hmac(js::Scope&, std::string algorithm,
                                     js::BytesView key, js::BytesView data) {
  CARAVEL_TRY(const EVP_MD* const digest, FindDigest(algorithm));
  js::NewBytes result;
  result.bytes.resize(static_cast<size_t>(EVP_MD_get_size(digest)));
  // A key without bytes still has to point somewhere.
  const std::string_view key_bytes = key.bytes.empty() ? "" : key.bytes;
  if (HMAC(digest, key_bytes.data(), static_cast<int>(key_bytes.size()),
           BytesOf(data.bytes), data.bytes.size(), BytesOf(result.bytes),
           nullptr) == nullptr) {
    return OpenSslError(algorithm);
  }
  return result;
}

Result<bool> CryptoOps::TimingSafeEqual(js::Scope&, js::BytesView a,
                                        js::BytesView b) {
  if (a.bytes.size() != b.bytes.size()) {
    return Error(ErrorCode::kInvalid,
                 "Input buffers must have the same byte length");
  }
  return CRYPTO_memcmp(a.bytes.data(), b.bytes.data(), a.bytes.size()) == 0;
}

}  // namespace caravel::runtime
