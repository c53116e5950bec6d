#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

namespace caravel::runtime {

// Lets a monitor on another thread end one call into JS, and never a later one.
//
// The thread that runs JS brackets each call with Begin and End. The monitor
// looks at Current(), and Kill() ends exactly the call that it looked at: both
// sides decide by one compare-and-set on the same word, and End() waits for a
// kill that has begun, so that the termination cannot reach the next call.
//
// Threads: Begin/End from the thread in the isolate, the rest from any.
class RunGuard {
 public:
  // A running call: which, and how much CPU time it may still use.
  struct Call {
    uint64_t token = 0;  // 0: none runs
    uint64_t budget_us = 0;
  };

  void Begin(uint64_t budget_us) {
    budget_us_.store(budget_us, std::memory_order_relaxed);
    word_.store(++last_token_ << 2 | kRunning, std::memory_order_release);
  }

  // True when the call was killed: its execution is terminating, or was asked to
  // just as it returned.
  [[nodiscard]] bool End() {
    const uint64_t expected = last_token_ << 2 | kRunning;
    uint64_t word = expected;
    if (word_.compare_exchange_strong(word, kIdle, std::memory_order_acq_rel)) {
      return false;
    }
    while (word_.load(std::memory_order_acquire) !=
           (last_token_ << 2 | kKilled)) {
      std::this_thread::yield();
    }
    word_.store(kIdle, std::memory_order_release);
    return true;
  }

  Call Current() const {
    const uint64_t word = word_.load(std::memory_order_acquire);
    if ((word & 3) != kRunning) return {};
    return {word >> 2, budget_us_.load(std::memory_order_relaxed)};
  }

  // Runs `terminate` if the call `token` still runs; false if it has ended.
  template <typename Terminate>
  bool Kill(uint64_t token, Terminate terminate) {
    uint64_t word = token << 2 | kRunning;
    if (!word_.compare_exchange_strong(word, token << 2 | kKilling,
                                       std::memory_order_acq_rel)) {
      return false;
    }
    terminate();
    word_.store(token << 2 | kKilled, std::memory_order_release);
    return true;
  }

 private:
  enum : uint64_t { kIdle = 0, kRunning = 1, kKilling = 2, kKilled = 3 };

  std::atomic<uint64_t> word_{kIdle};
  std::atomic<uint64_t> budget_us_{0};
  uint64_t last_token_ = 0;
};

}  // namespace caravel::runtime
