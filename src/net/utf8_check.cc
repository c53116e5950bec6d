// Text is mostly ASCII, which is passed eight bytes at a time. Of a longer
// character only the second byte has bounds of its own, which is what keeps
// out overlong forms and surrogates (Unicode, table 3-7).
//
// Tests: utf8_check_test.cc.
#include "net/utf8_check.h"

#include <cstring>

namespace caravel::net {
namespace {

constexpr uint64_t kHighBits = 0x8080'8080'8080'8080;

size_t CountAscii(std::string_view bytes) {
  size_t count = 0;
  while (bytes.size() - count >= sizeof(uint64_t)) {
    uint64_t eight = 0;
    std::memcpy(&eight, bytes.data() + count, sizeof eight);
    if ((eight & kHighBits) != 0) break;
    count += sizeof eight;
  }
  return count;
}

}  // namespace

bool Utf8Check::Begin(uint8_t byte) {
  if (byte < 0x80) return true;
  if (byte < 0xC2 || byte > 0xF4) return false;
  missing_ = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
  lowest_ = byte == 0xE0 ? 0xA0 : byte == 0xF0 ? 0x90 : 0x80;
  highest_ = byte == 0xED ? 0x9F : byte == 0xF4 ? 0x8F : 0xBF;
  return true;
}

bool Utf8Check::Take(std::string_view bytes) {
  size_t i = 0;
  while (i < bytes.size()) {
    if (missing_ == 0) {
      i += CountAscii(bytes.substr(i));
      if (i == bytes.size()) return true;
    }
    const auto byte = static_cast<uint8_t>(bytes[i++]);
    if (missing_ == 0) {
      if (!Begin(byte)) return false;
      continue;
    }
    if (byte < lowest_ || byte > highest_) return false;
    lowest_ = 0x80;
    highest_ = 0xBF;
    --missing_;
  }
  return true;
}

bool IsUtf8(std::string_view bytes) {
  Utf8Check check;
  return check.Take(bytes) && check.AtBoundary();
}

}  // namespace caravel::net
