#include "registry/rate_limit_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace caravel::registry {

Result<std::string> RateLimitText(std::string_view space, uint64_t limit,
                                  uint64_t period) {
  // "007" is the number 7, with whose bindings it counts.
  const std::string_view number =
      space.substr(std::min(space.find_first_not_of('0'), space.size()));
  constexpr size_t kMostDigits = 18;
  if (number.size() > kMostDigits) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("namespace_id has {} characters, and may have {}",
                             number.size(), kMostDigits))
        .Remedy("choose a smaller number for it, such as \"1001\"");
  }
  const bool is_number =
      std::ranges::all_of(number, [](char c) { return c >= '0' && c <= '9'; });
  if (number.empty() || !is_number) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("namespace_id \"{}\" is not a positive integer",
                             space))
        .Remedy(
            "choose a number for it, such as \"1001\"; bindings with the same "
            "number count together");
  }
  if (limit == 0 || limit > UINT32_MAX) {
    return Error(ErrorCode::kInvalid, "simple.limit is not a positive integer")
        .Remedy(
            "say how many calls with one key may succeed in a period, such as "
            "limit = 100");
  }
  if (period != 10 && period != 60) {
    return Error(ErrorCode::kInvalid, "simple.period is neither 10 nor 60")
        .Remedy(
            "periods are of 10 or of 60 seconds, as on Workers: write "
            "period = 10 or period = 60");
  }
  return fmt::format(
      R"({{"namespace_id":"{}","simple":{{"limit":{},"period":{}}}}})", number,
      limit, period);
}

}  // namespace caravel::registry
