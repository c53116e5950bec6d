#include "runtime/source_map.h"

#include <algorithm>
#include <array>

namespace caravel::runtime {
namespace {

constexpr uint32_t kContinuation = 0x20;

int DigitValue(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  if (c == '/') return 63;
  return -1;
}

// One base64 VLQ number at the front of `text`, which loses it; false when
// there is none.
bool TakeNumber(std::string_view& text, int64_t& number) {
  uint64_t value = 0;
  for (unsigned shift = 0; shift <= 30; shift += 5) {
    const int digit = text.empty() ? -1 : DigitValue(text.front());
    if (digit < 0) return false;
    text.remove_prefix(1);
    value |= (static_cast<uint64_t>(digit) & 0x1F) << shift;
    if ((static_cast<uint32_t>(digit) & kContinuation) == 0) {
      number = static_cast<int64_t>(value >> 1);
      if ((value & 1) != 0) number = -number;
      return true;
    }
  }
  return false;
}

}  // namespace

SourceMap::SourceMap(std::string_view mappings,
                     std::vector<std::string> sources)
    : sources_(std::move(sources)), lines_(1) {
  for (std::string& source : sources_) {
    if (source.size() <= kMaxSource) continue;
    source.resize(kMaxSource);
    source.shrink_to_fit();
  }
  // Running values: column (of the line), source, line, column (of the source).
  std::array<int64_t, 4> at = {};
  while (!mappings.empty()) {
    const char c = mappings.front();
    if (c == ';' || c == ',') {
      mappings.remove_prefix(1);
      if (c == ';') {
        lines_.emplace_back();
        at[0] = 0;
      }
      continue;
    }
    int64_t delta = 0;
    if (!TakeNumber(mappings, delta)) return;
    at[0] += delta;
    if (!TakeNumber(mappings, delta)) continue;  // code without an origin
    at[1] += delta;
    for (const size_t field : {2U, 3U}) {
      if (!TakeNumber(mappings, delta)) return;
      at[field] += delta;
    }
    TakeNumber(mappings, delta);  // the name, which nobody asks for
    if (at[0] < 0 || at[1] < 0 || at[2] < 0 || at[3] < 0) return;
    lines_.back().push_back(
        {static_cast<uint32_t>(at[0]), static_cast<uint32_t>(at[1]),
         static_cast<uint32_t>(at[2]), static_cast<uint32_t>(at[3])});
  }
}

std::optional<SourceMap::Position> SourceMap::Find(uint32_t line,
                                                   uint32_t column) const {
  if (line == 0 || column == 0 || line > lines_.size()) return std::nullopt;
  const std::vector<Segment>& segments = lines_[line - 1];
  const auto after = std::upper_bound(
      segments.begin(), segments.end(), column - 1,
      [](uint32_t wanted, const Segment& s) { return wanted < s.column; });
  if (after == segments.begin()) return std::nullopt;
  const Segment& segment = *std::prev(after);
  if (segment.source >= sources_.size()) return std::nullopt;
  return Position{sources_[segment.source], segment.line + 1,
                  segment.original_column + 1};
}

}  // namespace caravel::runtime
