#pragma once

#include <cstdint>
#include <string>

namespace caravel::daemon {

// Who listens on a TCP port of this machine, for an error's text: "process 4711
// (nginx)". Empty when that cannot be seen: a process of another user.
std::string DescribePortOwner(uint16_t port);

}  // namespace caravel::daemon
