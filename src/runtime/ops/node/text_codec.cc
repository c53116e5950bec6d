// Tests: text_codec_test.cc.
#include "runtime/ops/node/text_codec.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace caravel::runtime {
namespace {

constexpr std::string_view kBase64Digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64UrlDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr int8_t kNoDigit = -1;

constexpr std::array<int8_t, 256> kBase64Values = [] {
  std::array<int8_t, 256> values{};
  values.fill(kNoDigit);
  for (size_t i = 0; i < kBase64Digits.size(); ++i) {
    values[static_cast<uint8_t>(kBase64Digits[i])] = static_cast<int8_t>(i);
    values[static_cast<uint8_t>(kBase64UrlDigits[i])] = static_cast<int8_t>(i);
  }
  return values;
}();

constexpr size_t kHexBlock = 16;  // bytes
constexpr uint8_t kNoHexDigit = 0x80;

char HexDigit(uint8_t value) {
  return static_cast<char>(value + (value > 9 ? 'a' - 10 : '0'));
}

uint8_t HexValue(char digit) {
  const auto number = static_cast<uint8_t>(digit - '0');
  const auto letter = static_cast<uint8_t>((digit | 0x20) - 'a');
  const auto of_letter =
      static_cast<uint8_t>(letter < 6 ? letter + 10 : kNoHexDigit);
  return number < 10 ? number : of_letter;
}

// False when a digit is none; `out` holds anything then.
template <size_t N>
bool ReadHexBytes(const char* digits, std::array<uint8_t, N>& out) {
  uint8_t seen = 0;
  for (size_t i = 0; i < N; ++i) {
    const uint8_t high = HexValue(digits[2 * i]);
    const uint8_t low = HexValue(digits[2 * i + 1]);
    seen |= high | low;
    out[i] = static_cast<uint8_t>((high << 4) | low);
  }
  return (seen & kNoHexDigit) == 0;
}

}  // namespace

// Both loops have no branch and no table, so that the compiler makes vectors of
// them.
void WriteHex(std::string_view bytes, char* __restrict out) {
  for (size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<uint8_t>(bytes[i]);
    out[2 * i] = HexDigit(byte >> 4);
    out[2 * i + 1] = HexDigit(byte & 0xF);
  }
}

size_t ReadHex(std::string_view text, char* __restrict out, size_t room) {
  const size_t most = std::min(text.size() / 2, room);
  size_t done = 0;
  for (; most - done >= kHexBlock; done += kHexBlock) {
    std::array<uint8_t, kHexBlock> bytes;
    if (!ReadHexBytes<kHexBlock>(text.data() + 2 * done, bytes)) break;
    std::memcpy(out + done, bytes.data(), bytes.size());
  }
  for (; done < most; ++done) {
    std::array<uint8_t, 1> byte;
    if (!ReadHexBytes<1>(text.data() + 2 * done, byte)) break;
    out[done] = static_cast<char>(byte[0]);
  }
  return done;
}

size_t ReadBase64(std::string_view text, char* out, size_t room) {
  size_t written = 0;
  uint32_t bits = 0;
  int held = 0;  // bits that make no byte yet
  for (const char c : text) {
    if (c == '=' || written == room) break;
    const int8_t digit = kBase64Values[static_cast<uint8_t>(c)];
    if (digit == kNoDigit) continue;
    bits = (bits << 6) | static_cast<uint32_t>(digit);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out[written++] = static_cast<char>(bits >> held);
  }
  return written;
}

}  // namespace caravel::runtime
