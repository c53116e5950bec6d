#pragma once

#include <string>

#include "base/landlock.h"
#include "base/result.h"
#include "registry/host_launch.h"

namespace caravel::daemon {

// The files that a host may use from its first instruction on: it reads the
// installation, the system's libraries and certificates, and what the kernel
// tells about the process; it writes in its own folder. The host itself gives
// up all but the folder once it has started (host/sandbox.h), on the threads
// that run tenants' code; this ruleset holds its other threads too.
Result<base::Landlock> HostConfinement(const registry::HostFiles& files,
                                       const std::string& folder);

}  // namespace caravel::daemon
