#include "control/time_input.h"

#include <fmt/format.h>

#include "base/parse_time.h"

namespace caravel::api {

std::optional<std::string> TimeText(const std::optional<base::WallTime>& time) {
  if (!time) return std::nullopt;
  return base::FormatTime(*time);
}

Result<std::optional<base::WallTime>> TimeIn(
    std::string_view name, const std::optional<std::string>& text) {
  if (!text) return std::optional<base::WallTime>();
  if (const auto time = base::ParseTime(*text)) return time;
  return Error(ErrorCode::kInvalid,
               fmt::format("the query: {} \"{}\" is no time", name,
                           text->substr(0, 100)))
      .Remedy("write it as 2026-11-24T09:30:00Z, or as a day");
}

}  // namespace caravel::api
