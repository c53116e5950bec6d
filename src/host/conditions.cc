#include "host/conditions.h"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <charconv>
#include <string>

#include "net/headers.h"
#include "net/http_syntax.h"

namespace caravel::host {
namespace {

constexpr std::string_view kWeakMark = "W/";

// The tag without its mark.
std::string_view OpaqueTag(std::string_view tag) {
  if (tag.starts_with(kWeakMark)) tag.remove_prefix(kWeakMark.size());
  return tag;
}

std::optional<uint64_t> PositionIn(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

}  // namespace

bool ListHasTag(std::string_view list, std::string_view tag, TagMatch match) {
  while (true) {
    const std::string_view each = net::NextListElement(list);
    if (each.empty()) return false;
    if (each == "*") return true;
    const bool is_same = match == TagMatch::kWeak
                             ? OpaqueTag(each) == OpaqueTag(tag)
                             : each == tag && !tag.starts_with(kWeakMark);
    if (is_same && !tag.empty()) return true;
  }
}

std::optional<base::WallTime> ParseHttpDate(std::string_view text) {
  tm parts = {};
  const std::string ended(text);
  const char* end =
      strptime(ended.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr || *end != '\0') return {};
  return base::WallTime(std::chrono::seconds(timegm(&parts)));
}

std::optional<ByteRange> RangeOf(std::string_view range, uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  if (!net::EqualsIgnoringCase(range.substr(0, kUnit.size()), kUnit)) return {};
  range.remove_prefix(kUnit.size());
  const size_t dash = range.find('-');
  if (dash == std::string_view::npos ||
      range.find(',') != std::string_view::npos) {
    return {};
  }
  const std::string_view first = net::TrimWhitespace(range.substr(0, dash));
  const std::string_view last = net::TrimWhitespace(range.substr(dash + 1));
  if (first.empty()) {
    const auto suffix = PositionIn(last);
    if (!suffix) return {};
    const uint64_t taken = std::min(*suffix, size);
    return ByteRange{size - taken, taken};
  }
  const auto begin = PositionIn(first);
  const auto end = last.empty() ? UINT64_MAX : PositionIn(last);
  if (!begin || !end || *end < *begin) return {};
  if (*begin >= size) return ByteRange{};
  return ByteRange{*begin, std::min(*end, size - 1) - *begin + 1};
}

void SetRange(const ByteRange& range, uint64_t size, net::ResponseHead& head) {
  head.reason.clear();
  head.body_size = static_cast<int64_t>(range.size);
  if (range.size == 0) {
    head.status = 416;
    head.headers.Add("Content-Range", fmt::format("bytes */{}", size));
  } else {
    head.status = 206;
    head.headers.Add("Content-Range",
                     fmt::format("bytes {}-{}/{}", range.begin,
                                 range.begin + range.size - 1, size));
  }
}

}  // namespace caravel::host
