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

// An account of it.
struct ChosenAccount {
  std::string id;
  // Its Workers answer under NAME.SUBDOMAIN.localhost; empty: it is the first
  // one, whose Workers have NAME.localhost, too.
  std::string subdomain;
};

// The variables that point wrangler at an account of it. Source: wrangler's
// documentation, "System environment variables".
std::vector<std::pair<std::string, std::string>> WranglerVariables(
    const daemon::RunInfo& running, const ChosenAccount& account);

// The port of a URL such as RunInfo's; 0 where it names none.
unsigned PortOf(std::string_view url);

// Where the account's Worker `name` answers.
std::string WorkerUrl(const daemon::RunInfo& running,
                      const ChosenAccount& account, std::string_view name);
// The same of the first account.
std::string WorkerUrl(const daemon::RunInfo& running, std::string_view name);

}  // namespace caravel::cli
