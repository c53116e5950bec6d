#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace caravel::cli {

// A length of time as people write it: a number with s, m, h or d. Nothing: it
// is none.
std::optional<std::chrono::seconds> ParseTimeSpan(std::string_view text);

}  // namespace caravel::cli
