#pragma once

#include <string>

#include "cli/project.h"

namespace caravel::cli {

// For a project whose entry file is a .wasm alone: writes a module into
// `folder` that answers requests with it, and makes that the entry. No effect
// on others.
//
// The program is one for WASI preview 1 that has `_start`. It is run once for
// each request, as a CGI program (RFC 3875) is: the request's body is its
// standard input, the meta-variables are its environment, and it writes header
// fields, an empty line and the body to standard output. Standard error goes to
// the log.
Status AdaptWasm(Project& project, const std::string& folder);

}  // namespace caravel::cli
