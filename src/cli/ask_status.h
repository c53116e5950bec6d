#pragma once

#include <string>

#include "base/result.h"
#include "daemon/client/admin_client.h"

namespace caravel::cli {

// What runs, with all Workers, by name, however many answers they take.
Result<daemon::StatusReport> AskStatus(daemon::AdminClient& client);

// Its routes and custom domains as a list to read, "a, b and 2 more"; empty
// where it has none.
std::string RoutesText(const daemon::WorkerReport& worker);

}  // namespace caravel::cli
