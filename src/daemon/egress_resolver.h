#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/event_loop.h"
#include "net/ip_address.h"

namespace caravel::daemon {

// Turns names into addresses.
class Resolver {
 public:
  using Addresses = std::vector<net::IpAddress>;  // best first, never empty
  using Done = std::function<void(Result<Addresses>)>;

  virtual ~Resolver() = default;

  // Calls `done` once, from the loop, never from within. The error says why the
  // name does not resolve and does not repeat the name.
  // Threads: the one that drives the loop.
  virtual void Resolve(const std::string& name, Done done) = 0;
};

// The machine's own resolver (getaddrinfo: hosts file, DNS …), which blocks: a
// few threads ask it. kLimit when too many names wait.
class SystemResolver final : public Resolver {
 public:
  // `loop` outlives the resolver.
  explicit SystemResolver(net::EventLoop& loop, int threads = 4);
  // Waits for the lookups that run, some seconds each at worst; what waits is
  // dropped, and no `done` is called any more.
  ~SystemResolver() override;

  void Resolve(const std::string& name, Done done) override;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace caravel::daemon
