#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "net/exchange.h"

// What a request asks for only under a condition, or only in part (RFC 9110,
// sections 13 and 14). Any thread may call.
namespace caravel::host {

enum class TagMatch { kWeak, kStrong };

// Whether a list of entity tags, as If-None-Match and If-Match have them, names
// `tag`; where that is empty, whether it names all.
bool ListHasTag(std::string_view list, std::string_view tag, TagMatch match);

// A date as it is written today (section 5.6.7); nothing for any other text.
std::optional<base::WallTime> ParseHttpDate(std::string_view text);

struct ByteRange {
  uint64_t begin = 0;
  uint64_t size = 0;  // 0: there are no such bytes
};

// The one range of `size` bytes that a Range asks for. Nothing: none, several,
// or of an unknown unit, and all is sent.
std::optional<ByteRange> RangeOf(std::string_view range, uint64_t size);

// Makes of the head of a 200 that of the answer with this range of its `size`
// bytes.
void SetRange(const ByteRange& range, uint64_t size, net::ResponseHead& head);

}  // namespace caravel::host
