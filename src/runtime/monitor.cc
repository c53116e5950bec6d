#include "runtime/monitor.h"

#include <chrono>
#include <cstdlib>

namespace caravel::runtime {
namespace {

// While no guard is in a call.
constexpr std::chrono::milliseconds kIdleInterval{40};

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
    changed_.WaitFor(mutex_, busy ? DyingCall::kLookInterval : kIdleInterval);
    busy = Look();
  }
}

bool Monitor::Look() {
  bool busy = false;
  for (Watched& watched : watched_) {
    LookAt(watched);
    busy = busy || watched.token != 0 || watched.dying.has_value();
  }
  return busy;
}

void Monitor::LookAt(Watched& watched) {
  RunGuard& guard = *watched.guard;
  if (const uint64_t dying = guard.Dying(); dying != 0) {
    return LookAtDying(watched, dying);
  }
  watched.dying.reset();
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
  const uint64_t cpu_us = guard.ThreadCpuMicroseconds();
  if (!watched.dying) watched.dying.emplace(cpu_us);
  const DyingCall::State state = watched.dying->Look(cpu_us);
  if (state == DyingCall::State::kMayEnd) return;
  if (!watched.told_stuck) {
    const auto version = guard.VersionOfDying(token);
    if (!version) return;
    watched.told_stuck = true;
    if (on_stuck_) on_stuck_(*version);
  }
  if (state != DyingCall::State::kLost) return;
  log_.Error(
      "a call could not be ended, and nobody took over: the process ends");
  std::abort();
}

}  // namespace caravel::runtime
