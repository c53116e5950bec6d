#include "runtime/ops/crypto/hmac.h"

#include <openssl/crypto.h>

#include <array>
#include <cstring>

namespace caravel::runtime {

Result<Hmac> Hmac::Create(const EVP_MD* digest, std::string_view key) {
  const auto block = static_cast<size_t>(EVP_MD_get_block_size(digest));
  std::array<unsigned char, EVP_MAX_MD_SIZE> hashed{};
  if (key.size() > block) {
    unsigned int size = 0;
    if (EVP_Digest(key.data(), key.size(), hashed.data(), &size, digest,
                   nullptr) != 1) {
      return OpenSslError("HMAC");
    }
    key = {reinterpret_cast<const char*>(hashed.data()), size};
  }
  DigestState inner(EVP_MD_CTX_new());
  DigestState outer(EVP_MD_CTX_new());
  DigestState running(EVP_MD_CTX_new());
  const auto begin = [&](EVP_MD_CTX* context, char pad) {
    std::string padded(block, pad);
    for (size_t i = 0; i < key.size(); ++i) padded[i] ^= key[i];
    const bool begun =
        context != nullptr &&
        EVP_DigestInit_ex(context, digest, nullptr) == 1 &&
        EVP_DigestUpdate(context, padded.data(), padded.size()) == 1;
    OPENSSL_cleanse(padded.data(), padded.size());
    return begun;
  };
  const bool begun = running != nullptr && begin(inner.get(), 0x36) &&
                     begin(outer.get(), 0x5C);
  OPENSSL_cleanse(hashed.data(), hashed.size());
  if (!begun) return OpenSslError("HMAC");
  return Hmac(digest, std::move(inner), std::move(outer), std::move(running));
}

Status Hmac::Compute(std::initializer_list<std::string_view> pieces,
                     unsigned char* out) {
  EVP_MD_CTX* const running = running_.get();
  bool well = EVP_MD_CTX_copy_ex(running, inner_.get()) == 1;
  for (const std::string_view piece : pieces) {
    well = well && EVP_DigestUpdate(running, piece.data(), piece.size()) == 1;
  }
  if (!well || EVP_DigestFinal_ex(running, out, nullptr) != 1 ||
      EVP_MD_CTX_copy_ex(running, outer_.get()) != 1 ||
      EVP_DigestUpdate(running, out, size()) != 1 ||
      EVP_DigestFinal_ex(running, out, nullptr) != 1) {
    return OpenSslError("HMAC");
  }
  return {};
}

size_t Hmac::size() const {
  return static_cast<size_t>(EVP_MD_get_size(digest_));
}

Result<RunningHmac> RunningHmac::Begin(const Hmac& hmac) {
  DigestState inner(EVP_MD_CTX_new());
  DigestState outer(EVP_MD_CTX_new());
  if (inner == nullptr || outer == nullptr ||
      EVP_MD_CTX_copy_ex(inner.get(), hmac.inner_.get()) != 1 ||
      EVP_MD_CTX_copy_ex(outer.get(), hmac.outer_.get()) != 1) {
    return OpenSslError("HMAC");
  }
  return RunningHmac(std::move(inner), std::move(outer));
}

Status RunningHmac::Update(std::string_view piece) {
  if (EVP_DigestUpdate(inner_.get(), piece.data(), piece.size()) == 1) {
    return {};
  }
  return OpenSslError("HMAC");
}

Status RunningHmac::Finish(unsigned char* out) {
  if (EVP_DigestFinal_ex(inner_.get(), out, nullptr) == 1 &&
      EVP_DigestUpdate(outer_.get(), out, size()) == 1 &&
      EVP_DigestFinal_ex(outer_.get(), out, nullptr) == 1) {
    return {};
  }
  return OpenSslError("HMAC");
}

size_t RunningHmac::size() const {
  return static_cast<size_t>(EVP_MD_get_size(EVP_MD_CTX_get0_md(inner_.get())));
}

}  // namespace caravel::runtime
