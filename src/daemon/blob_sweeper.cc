#include "daemon/blob_sweeper.h"

namespace caravel::daemon {

BlobSweeper::BlobSweeper(registry::BlobSweep& sweep, base::Log& log,
                         const Options& options)
    : sweep_(sweep), log_(log), options_(options), thread_([this] { Run(); }) {}

BlobSweeper::~BlobSweeper() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
    stopped_.NotifyAll();
  }
  thread_.join();
}

void BlobSweeper::Run() {
  std::chrono::milliseconds pause = options_.pause;
  for (;;) {
    {
      const base::MutexLock lock(mutex_);
      const auto until = std::chrono::steady_clock::now() + pause;
      while (!stopping_) {
        const auto left = until - std::chrono::steady_clock::now();
        if (left <= std::chrono::nanoseconds(0)) break;
        (void)stopped_.WaitFor(mutex_, left);
      }
      if (stopping_) return;
    }
    pause = Step();
  }
}

std::chrono::milliseconds BlobSweeper::Step() {
  const Result<bool> more = sweep_.Step();
  if (more) return *more ? options_.pause : options_.interval;
  log_.Warning("blobs that nothing needs are not removed",
               {{"why", more.error().ToText()}});
  return options_.after_failure;
}

}  // namespace caravel::daemon
