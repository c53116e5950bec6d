#include "runtime/task_queue.h"

#include <utility>

namespace caravel::runtime {

void TaskQueue::SetWake(std::function<void()> wake) {
  const base::MutexLock lock(mutex_);
  wake_ = std::move(wake);
}

std::deque<std::unique_ptr<v8::Task>> TaskQueue::Take() {
  const base::MutexLock lock(mutex_);
  return std::exchange(tasks_, {});
}

void TaskQueue::PostTaskImpl(std::unique_ptr<v8::Task> task,
                             const v8::SourceLocation&) {
  std::function<void()> wake;
  {
    const base::MutexLock lock(mutex_);
    tasks_.push_back(std::move(task));
    if (tasks_.size() == 1) wake = wake_;
  }
  if (wake) wake();
}

void TaskQueue::PostNonNestableTaskImpl(std::unique_ptr<v8::Task> task,
                                        const v8::SourceLocation& location) {
  PostTaskImpl(std::move(task), location);
}

}  // namespace caravel::runtime
