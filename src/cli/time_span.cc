#include "cli/time_span.h"

#include <array>
#include <charconv>

namespace caravel::cli {

std::optional<std::chrono::seconds> ParseTimeSpan(std::string_view text) {
  constexpr std::string_view kUnits = "smhd";
  constexpr std::array<std::chrono::seconds, 4> kLengths = {
      std::chrono::seconds(1), std::chrono::minutes(1), std::chrono::hours(1),
      std::chrono::hours(24)};
  constexpr unsigned kMost = 100'000;
  unsigned number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop + 1 != end) return std::nullopt;
  const size_t unit = kUnits.find(*stop);
  if (unit == std::string_view::npos || number == 0 || number > kMost) {
    return std::nullopt;
  }
  return number * kLengths[unit];
}

}  // namespace caravel::cli
