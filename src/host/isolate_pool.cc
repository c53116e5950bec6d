#include "host/isolate_pool.h"

#include <sys/resource.h>

#include <utility>

namespace caravel::host {
namespace {

// A shard that has just taken an isolate has a request to answer with it: that
// goes first where both want one core. The scheduler sees to it only in parts,
// since it gives slices of milliseconds: hence the delay, in which a small
// Worker is loaded and has answered.
constexpr int kRefillNiceness = 10;
constexpr std::chrono::milliseconds kRefillDelay{5};

}  // namespace

IsolatePool::IsolatePool(const runtime::Engine& engine,
                         const base::Clock& clock, size_t size)
    : engine_(engine), clock_(clock), size_(size), thread_([this] { Run(); }) {}

IsolatePool::~IsolatePool() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  thread_.join();
}

std::unique_ptr<runtime::Isolate> IsolatePool::Take() {
  {
    const base::MutexLock lock(mutex_);
    if (!ready_.empty()) {
      std::unique_ptr<runtime::Isolate> isolate = std::move(ready_.front());
      ready_.pop_front();
      changed_.NotifyAll();
      return isolate;
    }
  }
  return runtime::Isolate::Create(engine_, clock_);
}

void IsolatePool::Run() {
  // 0 names the calling thread. Refused, it is only slower for others.
  (void)::setpriority(PRIO_PROCESS, 0, kRefillNiceness);
  while (AwaitRefill()) {
    while (Add(runtime::Isolate::Create(engine_, clock_))) {
    }
  }
}

bool IsolatePool::AwaitRefill() {
  const base::MutexLock lock(mutex_);
  while (!stopping_ && ready_.size() >= size_) changed_.Wait(mutex_);
  const base::SteadyTime begin = clock_.Steady() + kRefillDelay;
  while (!stopping_ && !ready_.empty()) {
    const base::SteadyTime now = clock_.Steady();
    if (now >= begin) break;
    changed_.WaitFor(mutex_, begin - now);
  }
  return !stopping_;
}

bool IsolatePool::Add(std::unique_ptr<runtime::Isolate> made) {
  const base::MutexLock lock(mutex_);
  ready_.push_back(std::move(made));
  return !stopping_ && ready_.size() < size_;
}

}  // namespace caravel::host
