#pragma once

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <thread>

#include "base/log.h"
#include "base/mutex.h"
#include "runtime/dying_call.h"
#include "runtime/run_guard.h"

namespace caravel::runtime {

// Ends calls into JS that use more CPU time than they may: looks at each guard
// every few milliseconds, and at the CPU clock of the thread of one that it has
// found in the same call twice.
//
// A call that goes on after its termination (DyingCall) is in a loop of V8
// without an interrupt check, of which some never end. Of one that is stuck
// `on_stuck` is told, who sees to it that another process takes over; one that
// is lost ends the process.
//
// Threads: Watch and Unwatch from any.
class Monitor {
 public:
  // Called once a call, on the monitor's thread; must not block.
  using OnStuck = std::function<void(const registry::VersionId& version)>;

  explicit Monitor(base::Log& log, OnStuck on_stuck = nullptr);
  ~Monitor();
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;

  // `guard` is valid until Unwatch() has returned.
  void Watch(RunGuard& guard) CARAVEL_EXCLUDES(mutex_);
  void Unwatch(RunGuard& guard) CARAVEL_EXCLUDES(mutex_);

 private:
  struct Watched {
    RunGuard* guard;
    uint64_t token = 0;        // of the call seen last
    uint64_t seen_cpu_us = 0;  // the thread's clock when it was first seen
    std::optional<DyingCall> dying = {};
    bool told_stuck = false;
  };
  void Run();
  // Looks once; true when any guard was in a call.
  bool Look() CARAVEL_REQUIRES(mutex_);
  void LookAt(Watched& watched) CARAVEL_REQUIRES(mutex_);
  void LookAtDying(Watched& watched, uint64_t token) CARAVEL_REQUIRES(mutex_);

  base::Log& log_;
  const OnStuck on_stuck_;
  base::Mutex mutex_;
  base::CondVar changed_;
  std::list<Watched> watched_ CARAVEL_GUARDED_BY(mutex_);
  bool stopping_ CARAVEL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

// Watches a guard for as long as it stands in a scope.
class MonitoredGuard {
 public:
  explicit MonitoredGuard(Monitor& monitor) : monitor_(monitor) {
    monitor_.Watch(guard_);
  }
  ~MonitoredGuard() { monitor_.Unwatch(guard_); }
  RunGuard& guard() { return guard_; }

 private:
  Monitor& monitor_;
  RunGuard guard_;
};

}  // namespace caravel::runtime
