#pragma once

#include <cstdint>
#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace caravel::net {

struct ListenOptions {
  std::string address = "127.0.0.1";  // numeric; "::" is every interface
  uint16_t port = 0;                  // 0: the system takes a free one
  // Several sockets on one port, among which the system spreads connections.
  bool shared = false;
};

// A TCP socket that listens: non-blocking, close-on-exec, without delay for
// small answers. A port in use is kConflict and says so.
Result<base::Fd> ListenTcp(const ListenOptions& options);

// The port that `socket` is bound to.
Result<uint16_t> LocalPort(const base::Fd& socket);

}  // namespace caravel::net
