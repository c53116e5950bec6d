#include "runtime/monitor.h"

#include <chrono>
#include <cstdlib>

namespace caravel::runtime {
namespace {

constexpr std::chrono::milliseconds kBusyInterval{5};
constexpr std::chrono::milliseconds kIdleInterval{40};
// V8 takes some 3 s for JSON of the longest text there is, in one call that
// nothing ends.
constexpr uint64_t kStuckCpuMicroseconds = 5'000'000;
constexpr uint64_t kLostCpuMicroseconds = 30'000'000;
constexpr int kStuckRounds = 6000;  // of kBusyInterval each
constexpr int kLostRounds = 18'000;

}  // namespace

Monitor::Monitor(base::Log& log, OnStuck on_stuck)
    : log_(log), on_stuck_(std::move(on_stuck)), thread_([this] { Run(); }) {}

Monitor::~Monitor() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  thread_.join();
}

void Monitor::Watch(RunGuard& guard) {
  const base::MutexLock lock(mutex_);
  watched_.push_back({.guard = &guard});
}

void Monitor::Unwatch(RunGuard& guard) {
  const base::MutexLock lock(mutex_);
  watched_.remove_if([&](const Watched& w) { return w.guard == &guard; });
}

void Monitor::Run() {
  const base::MutexLock lock(mutex_);
  bool busy = false;
  while (!stopping_) {
    changed_.WaitFor(mutex_, busy ? kBusyInterval : kIdleInterval);
    busy = Look();
  }
}

bool Monitor::Look() {
  bool busy = false;
  for (Watched& watched : watched_) {
    LookAt(watched);
    busy = busy || watched.token != 0 || watched.dying_rounds > 0;
  }
  return busy;
}

void Monitor::LookAt(Watched& watched) {
  RunGuard& guard = *watched.guard;
  if (const uint64_t dying = guard.Dying(); dying != 0) {
    return LookAtDying(watched, dying);
  }
  watched.dying_rounds = 0;
  watched.told_stuck = false;
  const RunGuard::Call call = guard.Current();
  if (call.token == 0 || call.token != watched.token) {
    watched.token = call.token;
    if (call.token != 0) watched.seen_cpu_us = guard.ThreadCpuMicroseconds();
    return;
  }
  if (guard.ThreadCpuMicroseconds() - watched.seen_cpu_us >= call.budget_us) {
    guard.Kill(call.token);
  } else {
    guard.Examine(call.token);
  }
}

void Monitor::LookAtDying(Watched& watched, uint64_t token) {
  RunGuard& guard = *watched.guard;
  const uint64_t now_us = guard.ThreadCpuMicroseconds();
  if (watched.dying_rounds == 0) watched.dying_cpu_us = now_us;
  ++watched.dying_rounds;
  const uint64_t spent_us = now_us - watched.dying_cpu_us;
  if (watched.dying_rounds < kStuckRounds && spent_us < kStuckCpuMicroseconds) {
    return;
  }
  if (!watched.told_stuck) {
    const auto version = guard.VersionOfDying(token);
    if (!version) return;
    watched.told_stuck = true;
    if (on_stuck_) on_stuck_(*version);
  }
  if (watched.dying_rounds < kLostRounds && spent_us < kLostCpuMicroseconds) {
    return;
  }
  log_.Error(
      "a call could not be ended, and nobody took over: the process ends");
  std::abort();
}

}  // namespace caravel::runtime
