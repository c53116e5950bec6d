#pragma once

#include "base/result.h"
#include "daemon/client/admin_client.h"

namespace caravel::cli {

// What runs, with all Workers, by name, however many answers they take.
Result<daemon::StatusReport> AskStatus(daemon::AdminClient& client);

}  // namespace caravel::cli
