#pragma once

#include <chrono>
#include <cstdint>

namespace caravel::runtime {

// How a call goes on after its termination, by what its thread's CPU clock
// shows at each look of the monitor. Most end within microseconds. One that
// uses five seconds of CPU time more is stuck, and one that uses thirty is
// lost. So is one that waits for something that does not come: it is stuck when
// looks that make thirty seconds, and lost when looks that make ninety, have
// shown no CPU time at all. On a busy machine looks come late, and a thread
// that gets little of it is given its time.
//
// A value type over figures that it is given; tests: dying_call_test.cc.
class DyingCall {
 public:
  enum class State { kMayEnd, kStuck, kLost };

  // V8 takes some 3 s to write the longest text there is as JSON, in one call
  // that nothing ends.
  static constexpr uint64_t kStuckCpuUs = 5'000'000;
  static constexpr uint64_t kLostCpuUs = 30'000'000;
  // From one look of the monitor to the next, while any call runs.
  static constexpr std::chrono::milliseconds kLookInterval{5};
  // Looks in a row without CPU time.
  static constexpr int kStuckIdleLooks =
      std::chrono::seconds(30) / kLookInterval;
  static constexpr int kLostIdleLooks =
      std::chrono::seconds(90) / kLookInterval;

  // `cpu_us`: the thread's clock as the termination was found.
  explicit DyingCall(uint64_t cpu_us) : began_us_(cpu_us), seen_us_(cpu_us) {}

  State Look(uint64_t cpu_us) {
    idle_looks_ = cpu_us > seen_us_ ? 0 : idle_looks_ + 1;
    seen_us_ = cpu_us;
    const uint64_t spent_us = cpu_us - began_us_;
    if (spent_us >= kLostCpuUs || idle_looks_ >= kLostIdleLooks) {
      return State::kLost;
    }
    if (spent_us >= kStuckCpuUs || idle_looks_ >= kStuckIdleLooks) {
      return State::kStuck;
    }
    return State::kMayEnd;
  }

 private:
  uint64_t began_us_;
  uint64_t seen_us_;
  int idle_looks_ = 0;
};

}  // namespace caravel::runtime
