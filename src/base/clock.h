#pragma once

#include <chrono>
#include <string>

namespace caravel::base {

using SteadyTime = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;

// The clocks of the machine, as an interface so that a test holds time in its
// hand. Any thread may call.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual SteadyTime Steady() const = 0;
  virtual WallTime Wall() const = 0;
};

class SystemClock final : public Clock {
 public:
  SteadyTime Steady() const override {
    return std::chrono::steady_clock::now();
  }
  WallTime Wall() const override { return std::chrono::system_clock::now(); }
};

// Stands still until Advance(). Threads: one.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(WallTime start = WallTime(std::chrono::hours(24 * 365 *
                                                                  56)))
      : wall_(start) {}
  SteadyTime Steady() const override { return steady_; }
  WallTime Wall() const override { return wall_; }
  void Advance(std::chrono::nanoseconds by) {
    steady_ += std::chrono::duration_cast<SteadyTime::duration>(by);
    wall_ += std::chrono::duration_cast<WallTime::duration>(by);
  }

 private:
  SteadyTime steady_{};
  WallTime wall_;
};

// As JavaScript has times.
inline double MillisecondsSinceEpoch(WallTime time) {
  return std::chrono::duration<double, std::milli>(time.time_since_epoch())
      .count();
}

// "2026-11-24T09:30:00.125Z", as the API and the logs write times.
std::string FormatTime(WallTime time);

}  // namespace caravel::base
