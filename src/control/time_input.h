#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace caravel::api {

// A time as the API shows it, where there is one.
std::optional<std::string> TimeText(const std::optional<base::WallTime>& time);

// The time that a parameter of a query names; nothing where it is absent.
// kInvalid: it names none; `name` is how the error calls the parameter.
Result<std::optional<base::WallTime>> TimeIn(
    std::string_view name, const std::optional<std::string>& text);

}  // namespace caravel::api
