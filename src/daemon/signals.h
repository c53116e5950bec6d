#pragma once

#include <functional>
#include <memory>

#include "base/fd.h"
#include "net/event_loop.h"

namespace caravel::daemon {

// SIGINT and SIGTERM as calls from the loop. Make one before any thread starts:
// the signals stay blocked in threads that are started later, so that this
// alone gets them.
class Signals final : private net::EventLoop::Watcher {
 public:
  // `loop` outlives it.
  static Result<std::unique_ptr<Signals>> Take(net::EventLoop& loop,
                                               std::function<void()> on_end);
  ~Signals() override;

 private:
  Signals(net::EventLoop& loop, base::Fd fd, std::function<void()> on_end)
      : loop_(loop), fd_(std::move(fd)), on_end_(std::move(on_end)) {}
  void OnEvents(uint32_t events) override;

  net::EventLoop& loop_;
  base::Fd fd_;
  const std::function<void()> on_end_;
};

}  // namespace caravel::daemon
