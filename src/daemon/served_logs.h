#pragma once

#include <string>

#include "daemon/log_intake.h"
#include "net/channel.h"
#include "net/event_loop.h"

namespace caravel::daemon {

// Tells the command line of `serve` what the Worker logs. While it is behind (a
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
  void Open(std::string worker, net::Channel& channel);

  void Append(const registry::LogEvent& event) override;
  // The Worker's own log tells of these (host/held_events.h).
  void CountDropped(uint64_t) override {}

 private:
  void TellDropped();

  net::EventLoop& loop_;
  std::string worker_;
  net::Channel* channel_ = nullptr;
  uint64_t dropped_ = 0;      // and not told
  double dropped_at_ms_ = 0;  // the last of them
  net::EventLoop::TimerId timer_;
};

}  // namespace caravel::daemon
