#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/lifetime.h"

namespace caravel::runtime {

// Where the code of a bundled module came from (ECMA-426, "Source map format"):
// the decoded mappings of one map. Immutable; any thread may read.
class SourceMap {
 public:
  struct Position {
    std::string_view source;
    uint32_t line = 0;    // from 1, as in stack traces
    uint32_t column = 0;  // from 1
  };

  // Bytes of a source's name that are kept.
  static constexpr size_t kMaxSource = 1024;

  // `mappings` is the map's text of that name, `sources` its list. Mappings
  // that cannot be decoded end the map there; what was read so far is used.
  SourceMap(std::string_view mappings, std::vector<std::string> sources);

  // The last one of `sources`; empty: there is none.
  std::string_view last_source() const CARAVEL_LIFETIME_BOUND {
    return sources_.empty() ? std::string_view() : sources_.back();
  }

  // The origin of a position in the generated code, both counted from 1;
  // nothing where the map has none.
  std::optional<Position> Find(uint32_t line,
                               uint32_t column) const CARAVEL_LIFETIME_BOUND;

 private:
  struct Segment {
    uint32_t column;  // generated, from 0
    uint32_t source;
    uint32_t line;  // original, from 0
    uint32_t original_column;
  };
  std::vector<std::string> sources_;
  std::vector<std::vector<Segment>> lines_;
};

}  // namespace caravel::runtime
