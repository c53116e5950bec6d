#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace caravel::registry {

// The text of a rate limiting binding (BindingType::kRatelimit). kInvalid says
// what is wrong and how to write it. Numbers are 0 where a configuration has
// none, or none that is positive and whole.
// Source: Workers documentation, "Rate Limiting".
Result<std::string> RateLimitText(std::string_view space, uint64_t limit,
                                  uint64_t period);

}  // namespace caravel::registry
