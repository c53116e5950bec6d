#include "control/thread_pool.h"

namespace caravel::api {

ThreadPool::ThreadPool(size_t threads, size_t longest_queue)
    : longest_queue_(longest_queue) {
  for (size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { Run(); });
}

ThreadPool::~ThreadPool() {
  std::deque<Task> dropped;
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
    dropped.swap(queue_);
  }
  wake_.NotifyAll();
  dropped.clear();
  for (std::thread& thread : threads_) thread.join();
}

bool ThreadPool::Post(Task task) {
  {
    const base::MutexLock lock(mutex_);
    if (stopping_ || queue_.size() >= longest_queue_) return false;
    queue_.push_back(std::move(task));
  }
  wake_.NotifyOne();
  return true;
}

void ThreadPool::Run() {
  for (;;) {
    Task task;
    {
      const base::MutexLock lock(mutex_);
      while (queue_.empty() && !stopping_) wake_.Wait(mutex_);
      if (stopping_) return;
      task = std::move(queue_.front());
      queue_.pop_front();
    }
    task();
  }
}

}  // namespace caravel::api
