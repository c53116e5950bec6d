#pragma once

#include <string>

namespace caravel::host {

// The engine that this host was built for, by V8 and Node version: a code cache
// of one is of no use to another.
std::string BuildId();

}  // namespace caravel::host
