#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/command.h"
#include "daemon/client/run_info.h"

namespace caravel::cli {

// The data folder that the arguments mean.
Result<daemon::DataFolder> FolderFrom(const Arguments& arguments);

// What the Caravel that runs there says of itself; kNotFound, with how to start
// it, when none does.
Result<daemon::RunInfo> RunningFrom(const Arguments& arguments);

// The variables that point wrangler at it. Source: wrangler's documentation,
// "System environment variables".
std::vector<std::pair<std::string, std::string>> WranglerVariables(
    const daemon::RunInfo& running);

// The port of a URL such as RunInfo's; 0 where it names none.
unsigned PortOf(std::string_view url);

// Where the first account's Worker `name` answers.
std::string WorkerUrl(const daemon::RunInfo& running, std::string_view name);

}  // namespace caravel::cli
