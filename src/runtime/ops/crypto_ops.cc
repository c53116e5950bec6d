#include "runtime/ops/crypto_ops.h"

#include <array>
#include <cstdint>

#include "runtime/isolate_state.h"

namespace caravel::runtime {
namespace {

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

}  // namespace

void CryptoOps::RandomFill(js::Scope& scope, js::MutableBytes view) {
  scope.state().random.Fill(view.bytes);
}

js::ByteString CryptoOps::RandomUuid(js::Scope& scope) {
  std::array<char, 16> random;
  scope.state().random.Fill(random);
  return {FormatUuid(random)};
}

js::Group<CryptoBinding> CryptoOps::CryptoBinding(js::Scope&) { return {}; }

}  // namespace caravel::runtime
