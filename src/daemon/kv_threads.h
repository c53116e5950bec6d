#pragma once

#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/mutex.h"
#include "storage/kv_store.h"

namespace caravel::daemon {

// Threads on which a KvStore is read and written. What waits to be written goes
// into one transaction, so that many puts at a time cost one sync. Large
// values, which cost syncs of their own, are written beside the others, not
// before them. Now and then the store is swept, however much there is to write.
//
// Threads: Read() and Write() from any; what they are given runs on threads of
// this.
class KvThreads {
 public:
  // All outlive this.
  KvThreads(storage::KvStore& store, const base::Clock& clock, base::Log& log);
  // Waits for what runs, and does what waits.
  ~KvThreads();
  KvThreads(const KvThreads&) = delete;
  KvThreads& operator=(const KvThreads&) = delete;

  void Read(std::function<void(storage::KvStore&)> task);

  // Whether the namespace was still there; on disk when it has a value. Those
  // of one size are carried out in order.
  using Written = std::function<void(const Result<bool>&)>;
  void Write(storage::KvWrite write, Written written);

 private:
  struct Put {
    storage::KvWrite write;
    Written written;
  };

  struct Lane {
    std::deque<Put> puts;
    base::CondVar added;
  };

  void RunReader() CARAVEL_EXCLUDES(mutex_);
  void RunWriter() CARAVEL_EXCLUDES(mutex_);
  // Writes what is large, and sweeps.
  void RunLargeWriter() CARAVEL_EXCLUDES(mutex_);
  static std::vector<Put> NextPuts(Lane& lane);
  void WriteAll(std::vector<Put> puts);
  // One step. When the next is due.
  base::SteadyTime Sweep();

  storage::KvStore& store_;
  const base::Clock& clock_;
  base::Log& log_;
  base::Mutex mutex_;
  base::CondVar to_read_;
  std::deque<std::function<void(storage::KvStore&)>> reads_
      CARAVEL_GUARDED_BY(mutex_);
  Lane small_ CARAVEL_GUARDED_BY(mutex_);
  Lane large_ CARAVEL_GUARDED_BY(mutex_);
  bool stopping_ CARAVEL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace caravel::daemon
