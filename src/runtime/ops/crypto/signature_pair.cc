// Tests: web_crypto_test.cc, node_crypto_test.cc.
#include "runtime/ops/crypto/signature_pair.h"

#include "runtime/ops/crypto/openssl.h"

namespace caravel::runtime {

std::optional<std::string> NumbersOfPair(std::string_view der, size_t size) {
  const unsigned char* at = BytesOf(der);
  const EcdsaPair pair(
      d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  if (pair == nullptr) return {};
  std::string bytes(2 * size, '\0');
  const auto width = static_cast<int>(size);
  if (BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), BytesOf(bytes), width) < 0 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), BytesOf(bytes) + size, width) <
          0) {
    return {};
  }
  return bytes;
}

std::optional<std::string> PairOfNumbers(std::string_view bytes, size_t size) {
  if (size == 0 || bytes.size() != 2 * size) return {};
  const auto width = static_cast<int>(size);
  const EcdsaPair pair(ECDSA_SIG_new());
  BigNumber r(BN_bin2bn(BytesOf(bytes), width, nullptr));
  BigNumber s(BN_bin2bn(BytesOf(bytes) + size, width, nullptr));
  if (pair == nullptr || r == nullptr || s == nullptr ||
      ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) {
    return {};
  }
  r.release();  // the pair's
  s.release();
  unsigned char* der = nullptr;
  const int length = i2d_ECDSA_SIG(pair.get(), &der);
  if (length <= 0) return {};
  std::string text(reinterpret_cast<char*>(der), static_cast<size_t>(length));
  OPENSSL_free(der);
  return text;
}

}  // namespace caravel::runtime
