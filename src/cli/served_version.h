#pragma once

#include <string>
#include <string_view>

#include "cli/project.h"
#include "daemon/client/serve_edit.h"

// What `serve` makes of a project for caraveld.
namespace caravel::cli {

// The Worker with a version of its own. The first one answers whatever host it
// is asked by, the others by NAME.localhost.
registry::PublishedWorker ToPublish(const Project& project,
                                    const registry::WorkerId& id,
                                    bool is_first);

// Of a project of assets alone: code in `folder` that answers where none of
// them does.
Status StandInForCode(Project& project, const std::string& folder);

// All that is handed over, but for what is new each time.
std::string ContentOf(daemon::ServeEdit edit, std::string_view bundle);

}  // namespace caravel::cli
