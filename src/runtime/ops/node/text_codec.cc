// Tests: text_codec_test.cc.
#include "runtime/ops/node/text_codec.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace caravel::runtime {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
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

constexpr std::array<int8_t, 256> kHexValues = [] {
  std::array<int8_t, 256> values{};
  values.fill(kNoDigit);
  for (size_t i = 0; i < kHexDigits.size(); ++i) {
    const auto digit = static_cast<uint8_t>(kHexDigits[i]);
    values[digit] = static_cast<int8_t>(i);
    if (digit >= 'a') values[digit - 32U] = static_cast<int8_t>(i);
  }
  return values;
}();

}  // namespace

std::string HexOf(std::string_view bytes) {
  std::string text(bytes.size() * 2, '\0');
  char* out = text.data();
  for (const char byte : bytes) {
    *out++ = kHexDigits[static_cast<uint8_t>(byte) >> 4];
    *out++ = kHexDigits[static_cast<uint8_t>(byte) & 0xF];
  }
  return text;
}

size_t ReadHex(std::string_view text, char* out, size_t room) {
  const size_t most = std::min(text.size() / 2, room);
  for (size_t i = 0; i < most; ++i) {
    const int8_t high = kHexValues[static_cast<uint8_t>(text[2 * i])];
    const int8_t low = kHexValues[static_cast<uint8_t>(text[2 * i + 1])];
    if (high == kNoDigit || low == kNoDigit) return i;
    out[i] = static_cast<char>((high << 4) | low);
  }
  return most;
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
