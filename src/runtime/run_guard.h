#pragma once

#include <pthread.h>
#include <time.h>

#include <atomic>
#include <cstdint>
#include <optional>
#include <thread>

#include "registry/published.h"

namespace caravel::runtime {

// Lets a monitor on another thread end one call into JS, and never a later one.
//
// A guard belongs to a thread that runs JS, which brackets each call with Begin
// and End. The monitor looks at Current(), and Kill() ends exactly the call
// that it looked at. All decide by compare-and-set on the same word, and End()
// waits while the monitor holds the call, to kill it, to have it examined or to
// ask what it runs, also once it is killed: so nothing of that reaches the next
// call, nor is what is called destroyed under it.
//
// Threads: Begin and End from the guard's own, the rest from any.
class RunGuard {
 public:
  // What a kill ends. Called on any thread, while a call runs.
  class Subject {
   public:
    virtual ~Subject() = default;
    virtual void Terminate() = 0;
    // Has the call look at what it holds, as soon as it can.
    virtual void Examine() = 0;
    // What runs in it.
    virtual registry::VersionId Version() const = 0;
  };

  // A running call: which, and how much CPU time it may use.
  struct Call {
    uint64_t token = 0;  // 0: none runs
    uint64_t budget_us = 0;
  };

  // Requires: constructed on the thread that it belongs to.
  RunGuard() { ::pthread_getcpuclockid(::pthread_self(), &clock_); }
  RunGuard(const RunGuard&) = delete;
  RunGuard& operator=(const RunGuard&) = delete;

  // `subject` is valid until End() has returned.
  void Begin(Subject& subject, uint64_t budget_us) {
    subject_.store(&subject, std::memory_order_relaxed);
    budget_us_.store(budget_us, std::memory_order_relaxed);
    word_.store(++last_token_ << 2 | kRunning, std::memory_order_release);
  }

  // True when the call was killed: its execution is terminating, or was asked
  // to just as it returned.
  [[nodiscard]] bool End() {
    for (;;) {
      uint64_t word = last_token_ << 2 | kRunning;
      if (word_.compare_exchange_strong(word, kIdle,
                                        std::memory_order_acq_rel)) {
        return false;
      }
      // Looked at again: who asks what a killed call runs holds it once more.
      word = last_token_ << 2 | kKilled;
      if (word_.compare_exchange_strong(word, kIdle,
                                        std::memory_order_acq_rel)) {
        return true;
      }
      std::this_thread::yield();
    }
  }

  Call Current() const {
    const uint64_t word = word_.load(std::memory_order_acquire);
    if ((word & 3) != kRunning) return {};
    return {word >> 2, budget_us_.load(std::memory_order_relaxed)};
  }

  // The call that was killed and has not come to its end, 0 for none.
  uint64_t Dying() const {
    const uint64_t word = word_.load(std::memory_order_acquire);
    return (word & 3) == kKilled ? word >> 2 : 0;
  }

  // Ends the call `token` if it still runs; false if it has ended.
  bool Kill(uint64_t token) {
    uint64_t word = token << 2 | kRunning;
    if (!word_.compare_exchange_strong(word, token << 2 | kHeld,
                                       std::memory_order_acq_rel)) {
      return false;
    }
    subject_.load(std::memory_order_relaxed)->Terminate();
    word_.store(token << 2 | kKilled, std::memory_order_release);
    return true;
  }

  // What the killed call `token` runs; nothing if it has ended.
  std::optional<registry::VersionId> VersionOfDying(uint64_t token) {
    uint64_t word = token << 2 | kKilled;
    if (!word_.compare_exchange_strong(word, token << 2 | kHeld,
                                       std::memory_order_acq_rel)) {
      return std::nullopt;
    }
    std::optional<registry::VersionId> version =
        subject_.load(std::memory_order_relaxed)->Version();
    word_.store(token << 2 | kKilled, std::memory_order_release);
    return version;
  }

  // Has the call `token` examine itself if it still runs.
  void Examine(uint64_t token) {
    uint64_t word = token << 2 | kRunning;
    if (!word_.compare_exchange_strong(word, token << 2 | kHeld,
                                       std::memory_order_acq_rel)) {
      return;
    }
    subject_.load(std::memory_order_relaxed)->Examine();
    word_.store(token << 2 | kRunning, std::memory_order_release);
  }

  // CPU time that the guard's thread has used. Requires: the thread lives.
  uint64_t ThreadCpuMicroseconds() const {
    timespec time = {};
    ::clock_gettime(clock_, &time);
    return static_cast<uint64_t>(time.tv_sec) * 1'000'000 +
           static_cast<uint64_t>(time.tv_nsec) / 1000;
  }

 private:
  // Held: by the monitor, while it acts on the call.
  enum : uint64_t { kIdle = 0, kRunning = 1, kHeld = 2, kKilled = 3 };

  std::atomic<uint64_t> word_{kIdle};
  std::atomic<uint64_t> budget_us_{0};
  std::atomic<Subject*> subject_{nullptr};
  uint64_t last_token_ = 0;
  clockid_t clock_{};
};

}  // namespace caravel::runtime
