#pragma once

#include <string>

#include "base/result.h"
#include "daemon/client/build_tree.h"
#include "registry/host_launch.h"

namespace caravel::daemon {

// Where the host's parts lie in a build tree.
registry::HostFiles HostFilesIn(const BuildTree& tree);

// A text that changes whenever one of the files changes (sizes and times of
// change). kNotFound names the file that is missing.
Result<std::string> InstallationOf(const registry::HostFiles& files);

}  // namespace caravel::daemon
