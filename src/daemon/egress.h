#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/fd.h"
#include "base/log.h"
#include "base/result.h"
#include "daemon/egress_resolver.h"
#include "daemon/egress_rules.h"
#include "daemon/machine_addresses.h"
#include "net/event_loop.h"

namespace caravel::daemon {

// Opens TCP connections for Workers, whose hosts cannot: resolves the name
// ("localhost" and names below it are loopback, and nobody is asked), drops the
// addresses that the rules refuse and those of this machine that the operator
// does not open, connects to the very addresses that were checked, and hands
// out the connected socket. After that no byte passes here.
//
// Addresses are tried in the resolver's order, the next one as soon as one
// fails or hesitates for 250 ms (RFC 8305, "Happy Eyeballs", without its
// sorting); the first that answers is taken. Everything together has 10
// seconds.
//
// Threads: the one that drives the loop.
class EgressBroker {
 public:
  // A non-blocking connected socket; or kDenied (by the rules), kNotFound (no
  // such name), kUnavailable (nobody answers), kLimit, kInvalid.
  using Done = std::function<void(Result<base::Fd>)>;

  struct Options {
    std::chrono::milliseconds timeout{10'000};
    std::chrono::milliseconds head_start{250};
    // Connections being opened at a time; one Worker must not use them up.
    size_t max_opening = 4096;
    size_t max_opening_for_worker = 512;
    MachineAddresses::Read machine_addresses = &ReadMachineAddresses;
  };

  // All references outlive the broker.
  EgressBroker(net::EventLoop& loop, Resolver& resolver,
               const EgressRules& rules, base::Log& log);
  EgressBroker(net::EventLoop& loop, Resolver& resolver,
               const EgressRules& rules, base::Log& log,
               const Options& options);
  // Gives up what is being opened; no `done` is called any more.
  ~EgressBroker();

  // Connects to `host` (a name, or a numeric address without brackets) on
  // behalf of the Worker that `worker` names in the log. Calls `done` once,
  // from the loop, never from within.
  // kAnywhere: the operator has named the host, and no rule is asked.
  enum class Reach : unsigned char { kByRules, kAnywhere };
  void Connect(const std::string& host, uint16_t port,
               const std::string& worker, Done done,
               Reach reach = Reach::kByRules);

 private:
  struct Attempt;
  class State;
  std::shared_ptr<State> state_;  // answers of the resolver hold it weakly
};

}  // namespace caravel::daemon
