#pragma once

#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace caravel::api {

// A few threads for work that blocks: handlers wait for the database, the disk,
// and the host that checks a bundle.
//
// Threads: Post() from any. The destructor, from the owner's thread, drops what
// has not begun, waits for what runs, and joins.
class ThreadPool {
 public:
  using Task = std::function<void()>;

  ThreadPool(size_t threads, size_t longest_queue);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // Queues `task`; false, and `task` dropped, when the queue is full.
  [[nodiscard]] bool Post(Task task);

 private:
  void Run();

  const size_t longest_queue_;
  base::Mutex mutex_;
  base::CondVar wake_;
  std::deque<Task> queue_ CARAVEL_GUARDED_BY(mutex_);
  bool stopping_ CARAVEL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace caravel::api
