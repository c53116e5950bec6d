#pragma once

#include "registry/model.h"

namespace caravel::runtime {

// What a Worker has of Node. A value.
struct NodeCompat {
  // Node's modules and globals: by the flag nodejs_compat, or by a
  // compatibility date from which that is on (registry/compatibility_flags.cc).
  bool modules = false;
  // Its setTimeout() is Node's (enable_nodejs_global_timers).
  bool timers = false;
};

NodeCompat NodeCompatOf(const registry::Version& version);

}  // namespace caravel::runtime
