#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "net/ip_address.h"

namespace caravel::daemon {

// The addresses of all interfaces of this machine, as they are at the moment.
Result<std::vector<net::IpAddress>> ReadMachineAddresses();

// Tells the machine's own addresses from others. What listens here often trusts
// who comes by one of them, and a public one is in no table of special ranges.
// An address that a translator outside maps to this machine cannot be known.
//
// Interfaces come and go: they are read anew for a question that comes a second
// or more after the last reading, so that many connections cost one.
//
// Threads: one at a time.
class MachineAddresses {
 public:
  using Read = std::function<Result<std::vector<net::IpAddress>>()>;

  explicit MachineAddresses(Read read) : read_(std::move(read)) {}

  // Whether `address`, or the IPv4 address that it carries to a translator, is
  // one of the machine. An error when that cannot be read.
  Result<bool> Has(const net::IpAddress& address, base::SteadyTime now);

 private:
  const Read read_;
  std::vector<net::IpAddress> known_;
  std::optional<base::SteadyTime> read_at_;  // of `known_`
};

}  // namespace caravel::daemon
