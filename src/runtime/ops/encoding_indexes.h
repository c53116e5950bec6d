#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

// The indexes of the Encoding Standard, section 5: from a pointer to a code
// point, 0 where there is none. Their contents are made by
// make_encoding_indexes.mjs while Caravel is built. Any thread may read.
namespace caravel::runtime {

// Bytes 0x80 to 0xFF of a single-byte encoding; U+FFFD where there is none.
struct SingleByteIndex {
  std::string_view name;
  char16_t points[128];
};
extern const std::span<const SingleByteIndex> kSingleByteIndexes;

extern const std::span<const char16_t> kGb18030Index;
extern const std::span<const char32_t> kBig5Index;
extern const std::span<const char16_t> kEucKrIndex;
extern const std::span<const char16_t> kJis0208Index;
extern const std::span<const char16_t> kJis0212Index;

// Where a run of successive four-byte pointers and code points begins, sorted.
struct Gb18030Range {
  uint16_t pointer;
  uint16_t point;
};
extern const std::span<const Gb18030Range> kGb18030Ranges;

}  // namespace caravel::runtime
