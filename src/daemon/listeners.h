#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "net/channel.h"

// Listening TCP sockets: made by caraveld, which alone may, and handed to who
// serves them. Any thread may call.
namespace caravel::daemon {

// The listeners of a host, one a shard at each of two addresses, travel in one
// packet.
inline constexpr unsigned kMaxShards = net::kMaxPacketFds / 2;

struct TcpAddress {
  std::string host = "127.0.0.1";  // numeric, IPv4 or IPv6
  uint16_t port = 0;               // 0: any free one
  // "127.0.0.1:8787", "[::1]:8787"
  std::string ToText() const;
  bool operator==(const TcpAddress&) const = default;
};

// How a person chooses a port, for what an error says.
struct PortSetting {
  std::string_view option;  // "--port"
  // The file that the port comes from, where nobody has given one.
  std::string kept_in = {};
  // The port chosen beside it; 0: none, or any free one.
  uint16_t other_port = 0;
};

// `count` sockets for one address, which share the connections among them
// (SO_REUSEPORT); port 0 becomes the same free port for all.
//
// 127.0.0.1 means loopback, and names such as shop.localhost resolve to ::1
// first in browsers: as many sockets of [::1] follow, at the same port, where
// this machine has IPv6.
//
// kConflict names the process that has the port, where it can be seen, and says
// where the port comes from. Where the same Caravel has the other port too, it
// tells to choose both.
//
// Requires: `count` is at most kMaxShards.
Result<std::vector<base::Fd>> ListenTcp(const TcpAddress& address,
                                        unsigned count,
                                        const PortSetting& setting);

// Where a listening TCP socket listens. kInvalid for any other descriptor.
Result<TcpAddress> ListeningAddress(const base::Fd& fd);

struct ListenerSet {
  TcpAddress address;  // of the first
  unsigned for_each_address = 0;
};
// What ListenTcp() made for `wanted`, whose port may be 0, and another process
// hands over. kConflict: they are for another address, or no whole set.
Result<ListenerSet> DescribeListeners(const std::vector<base::Fd>& listeners,
                                      const TcpAddress& wanted);

}  // namespace caravel::daemon
