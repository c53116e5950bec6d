#include "registry/rate_limit_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace caravel::registry {

Result<std::string> RateLimitText(std::string_view space, uint64_t limit,
                                  uint64_t period) {
  const bool is_number =
      !space.empty() &&
      std::ranges::all_of(space, [](char c) { return c >= '0' && c <= '9'; });
  if (!is_number) {
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
      R"({{"namespace_id":"{}","simple":{{"limit":{},"period":{}}}}})", space,
      limit, period);
}

}  // namespace caravel::registry
