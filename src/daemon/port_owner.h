#pragma once

#include <cstdint>
#include <string>

namespace caravel::daemon {

// Who listens on a TCP port of this machine, for an error's text. A value.
struct PortOwner {
  // "process 4711 (nginx)", "the Caravel of /srv/caravel (process 4711)"; empty
  // when that cannot be seen: a process of another user.
  std::string text;
  // Of a Caravel that is up; empty: it is none.
  std::string data_folder;
};

// This process only where no other listens, at any address: it may have one
// address of a port already whose other is taken.
PortOwner FindPortOwner(uint16_t port);

}  // namespace caravel::daemon
