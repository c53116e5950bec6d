#pragma once

#include <chrono>
#include <thread>

#include "base/log.h"
#include "base/mutex.h"
#include "registry/blob_sweep.h"

namespace caravel::daemon {

// A thread that sweeps blobs now and then, in steps between which others come
// to the database.
//
// Threads: the owner's.
class BlobSweeper {
 public:
  struct Options {
    std::chrono::milliseconds interval{60'000};
    std::chrono::milliseconds pause{2};  // between steps
    // What fails is mostly for somebody to mend.
    std::chrono::milliseconds after_failure{600'000};
  };

  // Both outlive the sweeper; nobody else uses `sweep`.
  BlobSweeper(registry::BlobSweep& sweep, base::Log& log,
              const Options& options);
  BlobSweeper(registry::BlobSweep& sweep, base::Log& log)
      : BlobSweeper(sweep, log, Options()) {}
  // Waits for the step that runs.
  ~BlobSweeper();
  BlobSweeper(const BlobSweeper&) = delete;
  BlobSweeper& operator=(const BlobSweeper&) = delete;

 private:
  void Run() CARAVEL_EXCLUDES(mutex_);
  // Until the next one.
  std::chrono::milliseconds Step();

  registry::BlobSweep& sweep_;
  base::Log& log_;
  const Options options_;
  base::Mutex mutex_;
  base::CondVar stopped_;
  bool stopping_ CARAVEL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace caravel::daemon
