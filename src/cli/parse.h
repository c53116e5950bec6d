#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

namespace caravel::cli {

struct Invocation {
  const Command* command = nullptr;
  Arguments arguments;
  bool wants_help = false;  // --help, or no command at all (`command` is null)
};

// What stands behind the program's name. kInvalid says which word is wrong, and
// names the nearest one that would be right.
Result<Invocation> ParseCommandLine(const std::vector<std::string>& words);

}  // namespace caravel::cli
