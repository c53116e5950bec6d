#include "runtime/start_compat.h"

#include "base/clock.h"
#include "registry/compatibility.h"

namespace caravel::runtime {

StartCompat StartCompatOf(const registry::Version& version) {
  // What was published was checked then: a date that lies ahead of this clock
  // is no reason to refuse it now.
  const Result<registry::Compatibility> compatibility =
      registry::Compatibility::Parse(version.compatibility_date,
                                     version.compatibility_flags,
                                     base::WallTime::max());
  if (!compatibility) return {};
  return {
      .modules = compatibility->IsOn("nodejs_compat") ||
                 compatibility->IsOn("nodejs_compat_v2"),
      .timers = compatibility->IsOn("enable_nodejs_global_timers"),
      .eval = compatibility->IsOn("allow_eval_during_startup"),
      .require_default = compatibility->IsOn("require_returns_default_export"),
      .temporal = compatibility->IsOn("temporal")};
}

}  // namespace caravel::runtime
