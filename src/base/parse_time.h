#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"

namespace caravel::base {

// A date and time as RFC 3339 has them, "2026-11-24T09:30:00.125Z" or with an
// offset in place of Z, or a date alone, which is its beginning in UTC. Nothing
// for any other text. Years from 1970 to 2199.
std::optional<WallTime> ParseTime(std::string_view text);

}  // namespace caravel::base
