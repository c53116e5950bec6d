#pragma once

#include <string>

#include "cli/terminal.h"
#include "registry/host_protocol.h"

namespace caravel::cli {

// One event as a person reads it: what was asked and how it ended, then the
// lines that the Worker logged and what it threw, indented.
std::string LogText(const Terminal& terminal, const std::string& worker,
                    const registry::LogEvent& event);

// A console call's arguments, a JSON array, as one line: strings as they stand.
std::string ConsoleText(const std::string& arguments);

}  // namespace caravel::cli
