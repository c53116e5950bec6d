#include "control/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>

namespace caravel::api {
namespace {

TEST(ThreadPoolTest, RunsTasksBesideEachOther) {
  std::promise<void> first;
  std::promise<void> second;
  std::promise<void> met;
  ThreadPool pool(2, 10);
  // Each waits for the other: one thread alone would never end.
  ASSERT_TRUE(pool.Post([&] {
    first.set_value();
    second.get_future().wait();
    met.set_value();
  }));
  ASSERT_TRUE(pool.Post([&] {
    first.get_future().wait();
    second.set_value();
  }));
  // The pool's end would drop a task that has not begun.
  met.get_future().wait();
}

TEST(ThreadPoolTest, RefusesWhenTheQueueIsFull) {
  std::promise<void> running;
  std::promise<void> go_on;
  ThreadPool pool(1, 1);
  ASSERT_TRUE(pool.Post([&] {
    running.set_value();
    go_on.get_future().wait();
  }));
  running.get_future().wait();
  EXPECT_TRUE(pool.Post([] {}));
  EXPECT_FALSE(pool.Post([] {}));
  go_on.set_value();
}

TEST(ThreadPoolTest, EndsWithWhatRunsAndDropsTheRest) {
  std::atomic<bool> ended = false;
  std::atomic<bool> dropped_ran = false;
  auto witness = std::make_shared<int>();
  std::promise<void> running;
  std::promise<void> posted;
  {
    ThreadPool pool(1, 10);
    ASSERT_TRUE(pool.Post([&] {
      running.set_value();
      posted.get_future().wait();
      // Once the pool stops, the queue's copy of the witness goes.
      while (witness.use_count() > 1) std::this_thread::yield();
      ended = true;
    }));
    running.get_future().wait();
    ASSERT_TRUE(
        pool.Post([&dropped_ran, copy = witness] { dropped_ran = true; }));
    ASSERT_EQ(witness.use_count(), 2);
    posted.set_value();
  }
  EXPECT_TRUE(ended);
  EXPECT_FALSE(dropped_ran);
}

}  // namespace
}  // namespace caravel::api
