#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/exchange.h"
#include "net/ip_address.h"
#include "registry/host_launch.h"

namespace caravel::host {

// How requests are taken in from clients: under the name of the place, and by
// way of which proxies.
//
// Immutable; any thread may read.
class Edge {
 public:
  // caraveld has checked the settings: a range that is none is left out.
  explicit Edge(const registry::HostEdge& settings);

  const std::string& place() const { return place_; }
  // Requests come from who writes the code, and are told more.
  bool is_local() const { return is_local_; }

  // Who asked, and by which scheme, where the peer is a proxy that is believed:
  // of X-Forwarded-For the last address that is none of a trusted proxy, and
  // X-Forwarded-Proto. Others change nothing by them.
  void Identify(net::RequestHead& head) const {
    if (!proxies_.empty()) IdentifyBehindProxy(head);
  }

 private:
  void IdentifyBehindProxy(net::RequestHead& head) const;
  bool IsTrusted(const net::IpAddress& address) const;

  const std::string place_;
  const bool is_local_;
  std::vector<net::IpRange> proxies_;
};

}  // namespace caravel::host
