#pragma once

#include <string_view>

#include "base/result.h"

namespace caravel::registry {

// Whether a Worker may have this name, which becomes a label of its host names:
// 1 to 63 of a-z, 0-9, - and _, neither first nor last a dash (RFC 1035,
// section 2.3.1, and _ as Workers has it).
Status CheckWorkerName(std::string_view name);

// Whether a name can stand in `env`: 1 to 255 of letters, digits, _ and $, no
// digit first.
Status CheckBindingName(std::string_view name);

}  // namespace caravel::registry
