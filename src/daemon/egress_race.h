#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "net/event_loop.h"
#include "net/ip_address.h"

namespace caravel::daemon {

// Connects by TCP to the first of several addresses that answers. They start in
// order, the next one as soon as one fails or has hesitated for `head_start`
// (RFC 8305, "Happy Eyeballs", section 5). It has no deadline of its own: its
// owner destroys it, and the sockets close.
//
// Threads: the one that drives the loop.
class ConnectRace {
 public:
  // A non-blocking connected socket, or kUnavailable with the reason of the
  // first address that failed: "connection refused".
  using Done = std::function<void(Result<base::Fd>)>;

  // `loop` outlives the race. Requires: `addresses` is not empty.
  ConnectRace(net::EventLoop& loop, std::vector<net::IpAddress> addresses,
              uint16_t port, std::chrono::milliseconds head_start, Done done);
  ~ConnectRace();

  // Calls `done` once, maybe from within; `done` may destroy the race.
  void Start();

  // What went wrong so far; empty: nothing yet.
  const std::string& first_failure() const { return first_failure_; }

 private:
  class Runner;
  void StartNext();
  void OnFailed(const std::string& reason);
  void Finish(Result<base::Fd> result);

  net::EventLoop& loop_;
  const std::vector<net::IpAddress> addresses_;
  const uint16_t port_;
  const std::chrono::milliseconds head_start_;
  const Done done_;
  std::vector<std::unique_ptr<Runner>> runners_;  // one an address started
  size_t failed_ = 0;
  std::string first_failure_;
  net::EventLoop::TimerId next_start_;
};

}  // namespace caravel::daemon
