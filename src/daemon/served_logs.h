#pragma once

#include <map>
#include <string>

#include "daemon/log_intake.h"
#include "net/channel.h"
#include "net/event_loop.h"

namespace caravel::daemon {

// Tells the command line of `serve` what its Workers log. While it is behind (a
// terminal that was stopped), events are left out, and their count is told as
// soon as it reads on: the channel carries edits too and must not end.
// Threads: the one that drives the loop.
class ServedLogs final : public LogSink {
 public:
  // What may wait for the command line.
  static constexpr size_t kMostWaiting = net::kMaxChannelBacklog / 2;

  explicit ServedLogs(net::EventLoop& loop) : loop_(loop) {}
  ~ServedLogs() { loop_.Cancel(timer_); }
  ServedLogs(const ServedLogs&) = delete;
  ServedLogs& operator=(const ServedLogs&) = delete;

  // Events before that are dropped. `channel` outlives this.
  void Open(net::Channel& channel) { channel_ = &channel; }
  // What that Worker is called from now on.
  void Name(const registry::WorkerId& worker, std::string name) {
    names_[worker] = std::move(name);
  }

  void Append(const registry::LogEvent& event) override;
  // The Worker's own log tells of these (host/held_events.h).
  void CountDropped(uint64_t) override {}

 private:
  void TellDropped();

  net::EventLoop& loop_;
  std::map<registry::WorkerId, std::string> names_;
  net::Channel* channel_ = nullptr;
  uint64_t dropped_ = 0;           // and not told
  registry::WorkerId dropped_of_;  // the last of them
  double dropped_at_ms_ = 0;       // the same
  net::EventLoop::TimerId timer_;
};

}  // namespace caravel::daemon
