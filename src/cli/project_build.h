#pragma once

#include "cli/installation.h"
#include "cli/project.h"

namespace caravel::cli {

// Runs the project's own build command, if it has one, by a shell and in its
// folder, and waits for it; what it prints is printed. kInvalid when it fails.
Status RunBuild(const Installation& installation, const Project& project);

}  // namespace caravel::cli
