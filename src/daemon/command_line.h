#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/config.h"

namespace caravel::daemon {

// What stands behind the name of caraveld: settings by their flags, and what is
// no setting.
struct CommandLine {
  ConfigFlags flags;
  std::optional<std::string> config_file;  // --config
  bool check_config = false;               // --check-config
  bool help = false;
  bool version = false;
  int ready_fd = -1;  // where to tell readiness or failure
  int serve_fd = -1;  // serve mode, by this channel
};

// Each flag as "--name=value" or "--name value". kInvalid names the nearest
// flag.
Result<CommandLine> ParseDaemonCommandLine(
    const std::vector<std::string>& words);

std::string DaemonHelp();

}  // namespace caravel::daemon
