#pragma once

#include <deque>
#include <memory>
#include <thread>

#include "base/clock.h"
#include "base/mutex.h"
#include "runtime/isolate.h"

namespace caravel::host {

// A few isolates that stand ready, not yet given to any tenant: making one
// costs about as much time as answering two hundred requests, so it is done
// ahead, on a thread of its own. What was taken is made anew a little later, or
// at once when none is left.
//
// Threads: any.
class IsolatePool {
 public:
  // `engine` and `clock` outlive the pool.
  IsolatePool(const runtime::Engine& engine, const base::Clock& clock,
              size_t size);
  ~IsolatePool();
  IsolatePool(const IsolatePool&) = delete;
  IsolatePool& operator=(const IsolatePool&) = delete;

  // One that is ready, else one made now, on this thread.
  std::unique_ptr<runtime::Isolate> Take() CARAVEL_EXCLUDES(mutex_);

 private:
  void Run();
  // Until isolates are to be made; false: the pool is stopping.
  bool AwaitRefill() CARAVEL_EXCLUDES(mutex_);
  // Whether more are to be made.
  bool Add(std::unique_ptr<runtime::Isolate> made) CARAVEL_EXCLUDES(mutex_);

  const runtime::Engine& engine_;
  const base::Clock& clock_;
  const size_t size_;
  base::Mutex mutex_;
  base::CondVar changed_;
  std::deque<std::unique_ptr<runtime::Isolate>> ready_
      CARAVEL_GUARDED_BY(mutex_);
  bool stopping_ CARAVEL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace caravel::host
