#pragma once

#include <string>

#include "cli/command.h"

namespace caravel::cli {

// "./caravel up [--port N] …", what each means, and the paragraphs.
std::string HelpFor(const Command& command);

// All commands, a line each.
std::string HelpForAll();

}  // namespace caravel::cli
