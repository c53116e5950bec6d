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
// into one transaction, so that many puts at a time cost one sync. Now and then
// the store is swept.
//
// Threads: Read() and Write() from any; what they are given runs on threads of
// this.
class KvThreads {
 public:
  // `store` and `log` outlive this.
  KvThreads(storage::KvStore& store, base::Log& log);
  // Waits for what runs, and does what waits.
  ~KvThreads();
  KvThreads(const KvThreads&) = delete;
  KvThreads& operator=(const KvThreads&) = delete;

  void Read(std::function<void(storage::KvStore&)> task);

  // Whether the namespace was still there; on disk when it has a value.
  using Written = std::function<void(const Result<bool>&)>;
  void Write(storage::KvWrite write, Written written);

 private:
  struct Put {
    storage::KvWrite write;
    Written written;
  };

  void RunReader() CARAVEL_EXCLUDES(mutex_);
  void RunWriter() CARAVEL_EXCLUDES(mutex_);
  std::vector<Put> NextPuts() CARAVEL_REQUIRES(mutex_);
  void WriteAll(std::vector<Put> puts);
  void Sweep();

  storage::KvStore& store_;
  base::Log& log_;
  base::Mutex mutex_;
  base::CondVar to_read_;
  base::CondVar to_write_;
  std::deque<std::function<void(storage::KvStore&)>> reads_
      CARAVEL_GUARDED_BY(mutex_);
  std::deque<Put> puts_ CARAVEL_GUARDED_BY(mutex_);
  bool stopping_ CARAVEL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace caravel::daemon
