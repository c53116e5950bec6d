#include "runtime/node_compat.h"

#include "base/clock.h"
#include "registry/compatibility.h"

namespace caravel::runtime {

namespace {

// What was published was checked then: a date that lies ahead of this clock is
// no reason to refuse it now.
Result<registry::Compatibility> CompatibilityOf(
    const registry::Version& version) {
  return registry::Compatibility::Parse(version.compatibility_date,
                                        version.compatibility_flags,
                                        base::WallTime::max());
}

}  // namespace

bool WantsNode(const registry::Version& version) {
  const Result<registry::Compatibility> compatibility =
      CompatibilityOf(version);
  return compatibility && (compatibility->IsOn("nodejs_compat") ||
                           compatibility->IsOn("nodejs_compat_v2"));
}

bool WantsNodeTimers(const registry::Version& version) {
  const Result<registry::Compatibility> compatibility =
      CompatibilityOf(version);
  return compatibility && compatibility->IsOn("enable_nodejs_global_timers");
}

}  // namespace caravel::runtime
