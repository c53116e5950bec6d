#pragma once

#include <string>

#include "base/result.h"
#include "registry/host_launch.h"

namespace caravel::daemon {

// Where the parts of this installation lie: in a build tree, `build_folder` is
// the folder of the preset and `root` the project's; see docs/decisions/.
registry::HostFiles HostFilesIn(const std::string& root,
                                const std::string& build_folder);

// A text that changes whenever one of the files changes (sizes and times of
// change). kNotFound names the file that is missing.
Result<std::string> InstallationOf(const registry::HostFiles& files);

}  // namespace caravel::daemon
