#include "runtime/monitor.h"

#include <chrono>
#include <cstdlib>

namespace caravel::runtime {
namespace {

constexpr std::chrono::milliseconds kBusyInterval{5};
constexpr std::chrono::milliseconds kIdleInterval{40};
// V8 takes some 3 s for JSON of the longest text there is, in one call that
// nothing ends; a host that ends itself takes all that its Workers do with it.
constexpr uint64_t kDyingCpuMicroseconds = 8'000'000;
constexpr int kDyingRounds = 8000;  // of kBusyInterval each

}  // namespace

Monitor::Monitor(base::Log& log) : log_(log), thread_([this] { Run(); }) {}

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
  if (guard.Dying() != 0) {
    const uint64_t cpu_us = guard.ThreadCpuMicroseconds();
    if (watched.dying_rounds == 0) watched.dying_cpu_us = cpu_us;
    if (++watched.dying_rounds < kDyingRounds &&
        cpu_us - watched.dying_cpu_us < kDyingCpuMicroseconds) {
      return;
    }
    log_.Error("a Worker could not be ended: the process ends instead");
    std::abort();
  }
  watched.dying_rounds = 0;
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

}  // namespace caravel::runtime
