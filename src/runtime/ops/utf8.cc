#include "runtime/ops/utf8.h"

#include <algorithm>
#include <cstdint>

#include "runtime/ops/utf16.h"

// Both functions rest on one: how many bytes of a sequence are there and right.
// Table 3-7 of the Unicode Standard gives, for each first byte, the length of
// the sequence and the range of its second byte; all later bytes are 80..BF.
namespace caravel::runtime {
namespace {

struct Sequence {
  size_t length = 0;   // that the first byte announces; 0: it begins none
  size_t present = 0;  // bytes from the first that fit, at least 1
};

Sequence ReadSequence(std::string_view bytes) {
  const auto at = [&](size_t i) { return static_cast<uint8_t>(bytes[i]); };
  const uint8_t first = at(0);
  Sequence sequence{.present = 1};
  uint8_t low = 0x80;
  uint8_t high = 0xBF;
  if (first < 0x80) {
    sequence.length = 1;
  } else if (first >= 0xC2 && first <= 0xDF) {
    sequence.length = 2;
  } else if (first >= 0xE0 && first <= 0xEF) {
    sequence.length = 3;
    if (first == 0xE0) low = 0xA0;
    if (first == 0xED) high = 0x9F;
  } else if (first >= 0xF0 && first <= 0xF4) {
    sequence.length = 4;
    if (first == 0xF0) low = 0x90;
    if (first == 0xF4) high = 0x8F;
  }
  while (sequence.present < sequence.length &&
         sequence.present < bytes.size()) {
    const uint8_t next = at(sequence.present);
    if (next < low || next > high) break;
    low = 0x80;
    high = 0xBF;
    ++sequence.present;
  }
  return sequence;
}

size_t AsciiPrefix(std::string_view bytes) {
  const auto other = std::ranges::find_if(
      bytes, [](char c) { return static_cast<uint8_t>(c) >= 0x80; });
  return static_cast<size_t>(other - bytes.begin());
}

char32_t CodePointOf(std::string_view sequence) {
  constexpr uint8_t kFirstMask[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  char32_t point =
      static_cast<uint8_t>(sequence[0]) & kFirstMask[sequence.size()];
  for (size_t i = 1; i < sequence.size(); ++i) {
    point = (point << 6) | (static_cast<uint8_t>(sequence[i]) & 0x3F);
  }
  return point;
}

}  // namespace

size_t IncompleteUtf8Tail(std::string_view bytes) {
  for (size_t tail = 1; tail <= 3 && tail <= bytes.size(); ++tail) {
    const std::string_view end = bytes.substr(bytes.size() - tail);
    const Sequence sequence = ReadSequence(end);
    if (sequence.length > tail && sequence.present == tail) return tail;
    const bool continues = (static_cast<uint8_t>(end[0]) & 0xC0) == 0x80;
    if (!continues) return 0;
  }
  return 0;
}

void DecodeUtf8Lossy(std::string_view bytes, std::u16string& out) {
  out.reserve(out.size() + bytes.size());
  while (!bytes.empty()) {
    const size_t ascii = AsciiPrefix(bytes);
    out.append(bytes.begin(), bytes.begin() + ascii);
    bytes.remove_prefix(ascii);
    if (bytes.empty()) break;
    const Sequence sequence = ReadSequence(bytes);
    if (sequence.present != sequence.length) {
      out += u'\uFFFD';
    } else {
      const char32_t point = CodePointOf(bytes.substr(0, sequence.length));
      if (point < 0x10000) {
        out += static_cast<char16_t>(point);
      } else {
        out += HighSurrogate(point);
        out += LowSurrogate(point);
      }
    }
    bytes.remove_prefix(sequence.present);
  }
}

}  // namespace caravel::runtime
