#include "runtime/ops/crypto/digest_ops.h"

#include <openssl/crypto.h>

namespace caravel::runtime {
namespace {

Error FinishedError() {
  return Error(ErrorCode::kInvalid, "the digest is finished already")
      .Remedy("start another for more data");
}

}  // namespace

Result<std::unique_ptr<DigestContext>> DigestContext::Create(
    std::string_view algorithm) {
  CARAVEL_TRY(const EVP_MD* const digest, FindDigest(algorithm));
  DigestState context(EVP_MD_CTX_new());
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

Result<js::NewBytes> DigestOps::Digest(js::Scope&, std::string algorithm,
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

Result<std::unique_ptr<DigestContext>> DigestOps::DigestNew(
    js::Scope&, std::string algorithm) {
  return DigestContext::Create(algorithm);
}

Result<bool> DigestOps::TimingSafeEqual(js::Scope&, js::BytesView a,
                                        js::BytesView b) {
  if (a.bytes.size() != b.bytes.size()) {
    return Error(ErrorCode::kInvalid,
                 "Input buffers must have the same byte length");
  }
  return CRYPTO_memcmp(a.bytes.data(), b.bytes.data(), a.bytes.size()) == 0;
}

}  // namespace caravel::runtime
