#pragma once

#include <netinet/in.h>

#include <chrono>
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
// other's. A host has half of the places where questions wait, since one that
// is in the hands of a tenant asks in the names of other Workers too.
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
    size_t max_waiting_for_host = 512;
    size_t max_waiting_for_worker = 64;
    // How long a question may wait for a thread.
    std::chrono::nanoseconds max_wait = std::chrono::seconds(10);
    // Asked instead of those in /etc/resolv.conf.
    std::optional<sockaddr_in> dns_server;
  };

  // `loop` outlives this.
  explicit NameService(net::EventLoop& loop);
  NameService(net::EventLoop& loop, const Options& options);
  // Waits for the questions that run, some seconds each at worst; no `done` is
  // called any more.
  ~NameService();

  // Calls `done` once, from the loop, never from within, unless the host `host`
  // leaves before. What it asks may be anything: `question` comes from there.
  void Ask(const std::string& host, const registry::ResolveName& question,
           Done done);
  // Drops what `host` asked; what runs ends unheard.
  void OnHostLeft(const std::string& host);

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace caravel::daemon
