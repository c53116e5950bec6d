#pragma once

#include <condition_variable>
#include <mutex>

// A mutex that clang's thread-safety analysis knows (-Wthread-safety): members
// say CARAVEL_GUARDED_BY(mutex_), functions CARAVEL_REQUIRES(mutex_).
#define CARAVEL_GUARDED_BY(mutex) __attribute__((guarded_by(mutex)))
#define CARAVEL_REQUIRES(...) __attribute__((requires_capability(__VA_ARGS__)))
#define CARAVEL_EXCLUDES(...) __attribute__((locks_excluded(__VA_ARGS__)))

namespace caravel::base {

class __attribute__((capability("mutex"))) Mutex {
 public:
  void Lock() __attribute__((acquire_capability())) { mutex_.lock(); }
  void Unlock() __attribute__((release_capability())) { mutex_.unlock(); }

 private:
  friend class CondVar;
  std::mutex mutex_;
};

class __attribute__((scoped_lockable)) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) __attribute__((acquire_capability(mutex)))
      : mutex_(mutex) {
    mutex_.Lock();
  }
  ~MutexLock() __attribute__((release_capability())) { mutex_.Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// Waits may return early: always wait in a loop on the condition.
class CondVar {
 public:
  void Wait(Mutex& mutex) CARAVEL_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }
  // False when `timeout` passed.
  template <typename Duration>
  bool WaitFor(Mutex& mutex, Duration timeout) CARAVEL_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    const auto status = condition_.wait_for(lock, timeout);
    lock.release();
    return status == std::cv_status::no_timeout;
  }
  void NotifyOne() { condition_.notify_one(); }
  void NotifyAll() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace caravel::base
