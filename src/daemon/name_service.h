#pragma once

#include <netinet/in.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "net/event_loop.h"
#include "registry/host_protocol.h"

namespace caravel::daemon {

// Answers what Workers ask of names (node:dns): by this machine's resolver, as
// programs on it would (hosts file, DNS …), or by its DNS servers alone. To
// know an address is no permission to connect to it.
//
// The resolver blocks: a few threads ask it, which Workers share as they share
// connections (net/fair_shares.h), so that one with dead names takes no
// other's.
//
// Threads: the one that drives the loop.
class NameService {
 public:
  // The answer, in the form that registry::NameResolved says. An error has the
  // code that Node's library knows the failure by, "ENOTFOUND", as its message.
  using Done = std::function<void(Result<std::string>)>;

  struct Options {
    int threads = 4;
    size_t max_waiting = 1024;
    size_t max_waiting_for_worker = 64;
    // Asked instead of those in /etc/resolv.conf.
    std::optional<sockaddr_in> dns_server;
  };

  // `loop` outlives this.
  explicit NameService(net::EventLoop& loop);
  NameService(net::EventLoop& loop, const Options& options);
  // Waits for the questions that run, some seconds each at worst; no `done` is
  // called any more.
  ~NameService();

  // Calls `done` once, from the loop, never from within. What it asks may be
  // anything: `question` comes from a host.
  void Ask(const registry::ResolveName& question, Done done);

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace caravel::daemon
