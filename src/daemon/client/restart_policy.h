#pragma once

#include <chrono>

#include "base/clock.h"

namespace caravel::daemon {

// When the next host may be started. Two things are held apart:
//
// - A host that served and died is replaced at once: that is what makes a crash
//   cost milliseconds. Only a storm of them (more than `kBurst`, refilled one
//   each `kRefill`) has to wait for its turn.
// - A host that dies before it has booted will not do better the next moment:
//   each one in a row doubles the wait, up to `kLongestWait`.
//
// A value type over times that it is given; tests: restart_policy_test.cc.
class RestartPolicy {
 public:
  static constexpr int kBurst = 10;
  static constexpr std::chrono::milliseconds kRefill{1000};
  static constexpr std::chrono::milliseconds kFirstWait{100};
  static constexpr std::chrono::milliseconds kLongestWait{10'000};

  void OnBooted();  // a host said hello
  void OnDeath(base::SteadyTime now, bool had_booted);

  // Not before this time may a host be started.
  base::SteadyTime NotBefore() const { return not_before_; }

 private:
  int boot_failures_ = 0;
  int tokens_ = kBurst;
  base::SteadyTime refilled_at_{};
  base::SteadyTime not_before_{};
};

}  // namespace caravel::daemon
