#pragma once

#include <string>

#include "base/result.h"

namespace caravel::daemon {

// Where the program that runs stands: ROOT/build/PRESET/src/ROOM/PROGRAM.
struct BuildTree {
  std::string root;   // $CARAVEL_ROOT where it is set
  std::string build;  // folder of the preset
};

// kNotFound when it does not stand in a build tree of Caravel.
Result<BuildTree> FindBuildTree();

}  // namespace caravel::daemon
