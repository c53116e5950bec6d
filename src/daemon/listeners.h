#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

// Listening TCP sockets: made by caraveld, which alone may, and handed to who
// serves them. Any thread may call.
namespace caravel::daemon {

struct TcpAddress {
  std::string host = "127.0.0.1";  // numeric, IPv4 or IPv6
  uint16_t port = 0;               // 0: any free one
  // "127.0.0.1:8787", "[::1]:8787"
  std::string ToText() const;
  bool operator==(const TcpAddress&) const = default;
};

// `count` sockets for one address, which share the connections among them
// (SO_REUSEPORT); port 0 becomes the same free port for all. `option` is the
// name of the setting, for the remedy: "--port".
// kConflict names the process that has the port, where it can be seen.
Result<std::vector<base::Fd>> ListenTcp(const TcpAddress& address,
                                        unsigned count,
                                        std::string_view option);

// Where a listening TCP socket listens. kInvalid for any other descriptor: what
// another process hands over is checked by this.
Result<TcpAddress> ListeningAddress(const base::Fd& fd);

}  // namespace caravel::daemon
