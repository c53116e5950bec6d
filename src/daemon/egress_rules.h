#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/ip_address.h"

namespace caravel::daemon {

// Which addresses Workers may reach: those of the public Internet, and what the
// operator opens. Everything that IANA lists as special is refused: loopback,
// private, link-local, shared (CGNAT), multicast, unspecified, reserved, and
// the addresses at which clouds serve credentials. An IPv6 address that carries
// an IPv4 address to a translator is judged by that address too.
//
// Immutable; any thread may read.
class EgressRules {
 public:
  // `allowed` are ranges such as "127.0.0.0/8"; the error names the one that is
  // wrong and how to write it.
  static Result<EgressRules> Parse(const std::vector<std::string>& allowed);

  // kDenied when a Worker may not reach `address`: "the address 10.0.0.1 is
  // private; the operator can allow it with --allow-egress 10.0.0.0/8".
  Status Check(const net::IpAddress& address) const;
  // The same of a port: that of mail between servers (25) is closed, as on
  // Workers, but at addresses that the operator opens.
  Status Check(const net::IpAddress& address, uint16_t port) const;
  // Whether the operator opens `address`, or the IPv4 address that it carries.
  bool IsOpened(const net::IpAddress& address) const;

 private:
  struct Special {
    net::IpRange range;
    std::string_view kind;
  };

  EgressRules() = default;
  bool IsAllowed(const net::IpAddress& address) const;
  const Special* FindSpecial(const net::IpAddress& address) const;

  std::vector<net::IpRange> allowed_;
  std::vector<Special> special_;
};

}  // namespace caravel::daemon
