#pragma once

#include "registry/model.h"

namespace caravel::runtime {

// Whether the Worker has Node's modules and globals: by the flag nodejs_compat,
// or by a compatibility date from which that is on
// (registry/compatibility_flags.cc).
bool WantsNode(const registry::Version& version);

// Whether its setTimeout() is Node's (enable_nodejs_global_timers).
bool WantsNodeTimers(const registry::Version& version);

}  // namespace caravel::runtime
