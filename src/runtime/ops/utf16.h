#pragma once

namespace caravel::runtime {

// A code point above U+FFFF is a pair of surrogates in UTF-16 (Unicode
// Standard, table 3-5). Requires: U+10000 <= point <= U+10FFFF.
constexpr char16_t HighSurrogate(char32_t point) {
  return static_cast<char16_t>(0xD7C0 + (point >> 10));
}
constexpr char16_t LowSurrogate(char32_t point) {
  return static_cast<char16_t>(0xDC00 + (point & 0x3FF));
}

// Whether two code units are such a pair.
constexpr bool IsSurrogatePair(char16_t first, char16_t second) {
  return (first & 0xFC00) == 0xD800 && (second & 0xFC00) == 0xDC00;
}

}  // namespace caravel::runtime
