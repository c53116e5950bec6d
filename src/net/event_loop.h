#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/clock.h"
#include "base/result.h"

namespace caravel::net {

// Waits for descriptors, timers and posted tasks, and calls who asked for them.
// Built on epoll, one eventfd and a heap of timers.
//
// A loop is driven by one thread at a time, though not always by the same one
// (docs/architecture.md, "Takeover"): it keeps nothing in thread-locals, and a
// driver calls Poll() from its outermost frame only.
//
// Threads: Post() and Wake() from any; everything else from the driving thread.
class EventLoop {
 public:
  using Task = std::function<void()>;

  // Somebody who waits for a descriptor. Called from Poll().
  class Watcher {
   public:
    virtual ~Watcher() = default;
    // `events` are EPOLL* bits; EPOLLERR and EPOLLHUP come unasked.
    virtual void OnEvents(uint32_t events) = 0;
  };

  struct TimerId {
    uint64_t value = 0;  // 0 names no timer
    bool operator==(const TimerId&) const = default;
  };

  // `clock` outlives the loop.
  static Result<std::unique_ptr<EventLoop>> Create(const base::Clock& clock);
  virtual ~EventLoop() = default;

  // Calls `watcher` when `fd` has one of `events`: as long as it has, or with
  // EPOLLET when it comes to have it, and after each Change(). The watcher may
  // stop watching any descriptor, its own too, from within OnEvents(): events
  // already fetched for it are then dropped. Neither `fd` nor `watcher` is
  // owned.
  virtual Status Watch(int fd, uint32_t events, Watcher& watcher) = 0;
  virtual void Change(int fd, uint32_t events) = 0;
  virtual void Unwatch(int fd) = 0;

  // Calls `task` once, from Poll(), not before `when`.
  virtual TimerId At(base::SteadyTime when, Task task) = 0;
  TimerId After(std::chrono::nanoseconds delay, Task task) {
    return At(
        Now() + std::chrono::duration_cast<base::SteadyTime::duration>(delay),
        std::move(task));
  }
  // No effect on a timer that has fired or was cancelled.
  virtual void Cancel(TimerId timer) = 0;

  // Queues `task` for the driver and wakes it. False, and `task` dropped, once
  // Close() was called.
  [[nodiscard]] virtual bool Post(Task task) = 0;
  // Makes the running or next Poll() return promptly.
  virtual void Wake() = 0;
  virtual void Close() = 0;

  // One round: waits until something is ready or `timeout` has passed
  // (negative: without limit, zero: not at all), then runs what is ready.
  virtual void Poll(std::chrono::nanoseconds timeout) = 0;

  // The time at which this round woke up: cheap, and the same for all of it.
  virtual base::SteadyTime Now() const = 0;
};

}  // namespace caravel::net
