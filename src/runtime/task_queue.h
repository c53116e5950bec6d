#pragma once

#include <node.h>
#include <v8-platform.h>

#include <deque>
#include <functional>
#include <memory>

#include "base/mutex.h"

namespace caravel::runtime {

// V8's foreground tasks of one isolate (finishing a Wasm compilation, steps of
// the garbage collector): kept until the shard runs a turn. Delayed and idle
// tasks are for programs that outlive a request by long: V8 posts them to tune
// memory, and here the shard evicts isolates instead, so they are dropped.
//
// Threads: V8 posts from any; Take() from the thread that drives the shard.
class TaskQueue final : public v8::TaskRunner,
                        public node::IsolatePlatformDelegate,
                        public std::enable_shared_from_this<TaskQueue> {
 public:
  // Called on any thread when a task arrives at an empty queue.
  void SetWake(std::function<void()> wake) CARAVEL_EXCLUDES(mutex_);

  // The tasks so far, in order.
  std::deque<std::unique_ptr<v8::Task>> Take() CARAVEL_EXCLUDES(mutex_);

  std::shared_ptr<v8::TaskRunner> GetForegroundTaskRunner() override {
    return shared_from_this();
  }
  bool IdleTasksEnabled() override { return false; }
  bool NonNestableTasksEnabled() const override { return true; }
  bool NonNestableDelayedTasksEnabled() const override { return true; }

 protected:
  void PostTaskImpl(std::unique_ptr<v8::Task> task,
                    const v8::SourceLocation&) override;
  void PostNonNestableTaskImpl(std::unique_ptr<v8::Task> task,
                               const v8::SourceLocation&) override;
  void PostDelayedTaskImpl(std::unique_ptr<v8::Task>, double,
                           const v8::SourceLocation&) override {}
  void PostNonNestableDelayedTaskImpl(std::unique_ptr<v8::Task>, double,
                                      const v8::SourceLocation&) override {}
  void PostIdleTaskImpl(std::unique_ptr<v8::IdleTask>,
                        const v8::SourceLocation&) override {}

 private:
  base::Mutex mutex_;
  std::deque<std::unique_ptr<v8::Task>> tasks_ CARAVEL_GUARDED_BY(mutex_);
  std::function<void()> wake_ CARAVEL_GUARDED_BY(mutex_);
};

}  // namespace caravel::runtime
