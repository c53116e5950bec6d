#pragma once

#include "registry/model.h"

namespace caravel::runtime {

// What its compatibility date and flags give a Worker when it starts. A value.
struct StartCompat {
  // Node's modules and globals: by the flag nodejs_compat, or by a
  // compatibility date from which that is on (registry/compatibility_flags.cc).
  bool modules = false;
  // Its global setTimeout() is Node's (enable_nodejs_global_timers).
  bool timers = false;
  // Code from strings is compiled until the Worker has started
  // (allow_eval_during_startup).
  bool eval = false;
  // require() gives the default export of a module that has one
  // (require_returns_default_export).
  bool require_default = false;
  // The global Temporal (temporal).
  bool temporal = false;
};

StartCompat StartCompatOf(const registry::Version& version);

}  // namespace caravel::runtime
