#pragma once

#include <deque>
#include <thread>
#include <utility>

#include "base/fd.h"
#include "base/mutex.h"
#include "host/isolate_pool.h"
#include "host/link.h"
#include "registry/host_protocol.h"
#include "runtime/monitor.h"

namespace caravel::host {

// Tells caraveld, which has no V8, whether a bundle can be published: evaluates
// it in an isolate of its own under start-up limits, on a thread of its own,
// and reports its handlers or what is wrong, with file and line, and a code
// cache.
//
// Threads: any.
class Checker {
 public:
  // All outlive the checker.
  Checker(IsolatePool& pool, runtime::Monitor& monitor);
  ~Checker();
  Checker(const Checker&) = delete;
  Checker& operator=(const Checker&) = delete;

  // The answer goes to `link`.
  void Check(registry::CheckBundle check, base::Fd bundle, Link& link)
      CARAVEL_EXCLUDES(mutex_);

 private:
  struct Job {
    registry::CheckBundle check;
    base::Fd bundle;
    Link* link;
  };
  void Run();
  void Do(Job job, runtime::RunGuard& guard);

  IsolatePool& pool_;
  runtime::Monitor& monitor_;
  base::Mutex mutex_;
  base::CondVar changed_;
  std::deque<Job> jobs_ CARAVEL_GUARDED_BY(mutex_);
  bool stopping_ CARAVEL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace caravel::host
