#include "net/event_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "base/fd.h"

namespace caravel::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using testing::ElementsAre;

constexpr nanoseconds kAtOnce{0};
constexpr nanoseconds kForever{-1};

// A descriptor that is readable once Raise() was called.
class Readable final : public EventLoop::Watcher {
 public:
  explicit Readable(std::function<void()> action)
      : fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
        action_(std::move(action)) {}
  int fd() const { return fd_.get(); }
  void Raise() const { ASSERT_EQ(::eventfd_write(fd(), 1), 0); }
  void OnEvents(uint32_t events) override {
    EXPECT_EQ(events, uint32_t{EPOLLIN});
    eventfd_t unused = 0;
    ASSERT_EQ(::eventfd_read(fd(), &unused), 0);
    ++calls;
    action_();
  }
  int calls = 0;

 private:
  base::Fd fd_;
  std::function<void()> action_;
};

class EventLoopTest : public testing::Test {
 protected:
  base::FakeClock clock_;
  std::unique_ptr<EventLoop> loop_ = EventLoop::Create(clock_).value();
};

TEST_F(EventLoopTest, AWatcherIsCalledWhenItsDescriptorIsReady) {
  Readable readable([] {});
  ASSERT_TRUE(loop_->Watch(readable.fd(), EPOLLIN, readable));
  loop_->Poll(kAtOnce);
  EXPECT_EQ(readable.calls, 0);
  readable.Raise();
  loop_->Poll(kForever);
  EXPECT_EQ(readable.calls, 1);
}

TEST_F(EventLoopTest, AWatcherThatAsksForNothingIsNotCalled) {
  Readable readable([] {});
  ASSERT_TRUE(loop_->Watch(readable.fd(), EPOLLIN, readable));
  readable.Raise();
  loop_->Change(readable.fd(), 0);
  loop_->Poll(kAtOnce);
  EXPECT_EQ(readable.calls, 0);
  loop_->Change(readable.fd(), EPOLLIN);
  loop_->Poll(kAtOnce);
  EXPECT_EQ(readable.calls, 1);
}

TEST_F(EventLoopTest, EventsFetchedBeforeUnwatchAreDropped) {
  // Whichever is called first stops the other.
  std::unique_ptr<Readable> a;
  std::unique_ptr<Readable> b;
  a = std::make_unique<Readable>([&] { loop_->Unwatch(b->fd()); });
  b = std::make_unique<Readable>([&] { loop_->Unwatch(a->fd()); });
  ASSERT_TRUE(loop_->Watch(a->fd(), EPOLLIN, *a));
  ASSERT_TRUE(loop_->Watch(b->fd(), EPOLLIN, *b));
  a->Raise();
  b->Raise();
  loop_->Poll(kForever);
  EXPECT_EQ(a->calls + b->calls, 1);
}

TEST_F(EventLoopTest, EventsOfAnEarlierWatchDoNotReachTheNextOne) {
  Readable later([] {});
  std::unique_ptr<Readable> a;
  std::unique_ptr<Readable> b;
  const auto replace = [&](const Readable& other) {
    loop_->Unwatch(other.fd());
    ASSERT_TRUE(loop_->Watch(other.fd(), EPOLLOUT, later));
  };
  a = std::make_unique<Readable>([&] { replace(*b); });
  b = std::make_unique<Readable>([&] { replace(*a); });
  ASSERT_TRUE(loop_->Watch(a->fd(), EPOLLIN, *a));
  ASSERT_TRUE(loop_->Watch(b->fd(), EPOLLIN, *b));
  a->Raise();
  b->Raise();
  loop_->Poll(kForever);
  EXPECT_EQ(later.calls, 0);
}

TEST_F(EventLoopTest, AWatcherMayStopWatchingItself) {
  std::unique_ptr<Readable> readable;
  readable =
      std::make_unique<Readable>([&] { loop_->Unwatch(readable->fd()); });
  ASSERT_TRUE(loop_->Watch(readable->fd(), EPOLLIN, *readable));
  readable->Raise();
  loop_->Poll(kForever);
  readable->Raise();
  loop_->Poll(kAtOnce);
  EXPECT_EQ(readable->calls, 1);
}

TEST_F(EventLoopTest, TimersRunInTheOrderOfTheirTimeAndOfTheirMaking) {
  std::vector<int> order;
  loop_->After(milliseconds(2), [&] { order.push_back(3); });
  loop_->After(milliseconds(1), [&] { order.push_back(1); });
  loop_->After(milliseconds(1), [&] { order.push_back(2); });
  loop_->After(milliseconds(3), [&] { order.push_back(4); });
  loop_->Poll(kAtOnce);
  EXPECT_THAT(order, ElementsAre());
  clock_.Advance(milliseconds(2));
  loop_->Poll(kAtOnce);
  EXPECT_THAT(order, ElementsAre(1, 2, 3));
}

TEST_F(EventLoopTest, ACancelledTimerDoesNotRun) {
  int calls = 0;
  const EventLoop::TimerId first =
      loop_->After(milliseconds(1), [&] { ++calls; });
  loop_->Cancel(first);
  // The next timer may use the same memory; the old name must not reach it.
  loop_->After(milliseconds(1), [&] { calls += 10; });
  loop_->Cancel(first);
  clock_.Advance(milliseconds(1));
  loop_->Poll(kAtOnce);
  EXPECT_EQ(calls, 10);
}

TEST_F(EventLoopTest, ATimerMayCancelAnotherThatIsDue) {
  int calls = 0;
  EventLoop::TimerId second;
  loop_->After(milliseconds(1), [&] { loop_->Cancel(second); });
  second = loop_->After(milliseconds(1), [&] { ++calls; });
  clock_.Advance(milliseconds(1));
  loop_->Poll(kAtOnce);
  EXPECT_EQ(calls, 0);
}

TEST_F(EventLoopTest, ATimerThatSetsItselfAgainRunsOnceARound) {
  int calls = 0;
  std::function<void()> again = [&] {
    ++calls;
    loop_->At(loop_->Now(), again);
  };
  again();
  loop_->Poll(kAtOnce);
  EXPECT_EQ(calls, 2);
  loop_->Poll(kAtOnce);
  EXPECT_EQ(calls, 3);
}

TEST_F(EventLoopTest, ManyCancelledTimersAreForgotten) {
  int calls = 0;
  loop_->After(milliseconds(7), [&] { ++calls; });
  for (int i = 0; i < 10'000; ++i) {
    loop_->Cancel(loop_->After(milliseconds(i % 13), [&] { calls += 100; }));
  }
  clock_.Advance(milliseconds(20));
  loop_->Poll(kAtOnce);
  EXPECT_EQ(calls, 1);
}

TEST_F(EventLoopTest, TasksRunInOrderAndTheirTasksInTheNextRound) {
  std::vector<int> order;
  ASSERT_TRUE(loop_->Post([&] {
    order.push_back(1);
    ASSERT_TRUE(loop_->Post([&] { order.push_back(3); }));
  }));
  ASSERT_TRUE(loop_->Post([&] { order.push_back(2); }));
  loop_->Poll(kForever);
  EXPECT_THAT(order, ElementsAre(1, 2));
  loop_->Poll(kForever);
  EXPECT_THAT(order, ElementsAre(1, 2, 3));
}

TEST_F(EventLoopTest, NothingIsTakenOnceClosed) {
  loop_->Close();
  EXPECT_FALSE(loop_->Post([] { FAIL(); }));
  loop_->Poll(kAtOnce);
}

TEST_F(EventLoopTest, WakeBeforePollMakesItReturn) {
  loop_->Wake();
  loop_->Poll(kForever);
}

TEST_F(EventLoopTest, TimeStandsStillWithinARound) {
  base::SteadyTime within;
  loop_->After(milliseconds(1), [&] {
    clock_.Advance(milliseconds(5));
    within = loop_->Now();
  });
  clock_.Advance(milliseconds(1));
  loop_->Poll(kAtOnce);
  EXPECT_EQ(within + milliseconds(5), clock_.Steady());
}

TEST(EventLoopThreadTest, TasksFromManyThreadsAllRun) {
  constexpr int kThreads = 4;
  constexpr int kTasks = 2'000;
  const base::SystemClock clock;
  const std::unique_ptr<EventLoop> loop = EventLoop::Create(clock).value();
  int calls = 0;  // changed by the driver only
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < kTasks; ++j)
        ASSERT_TRUE(loop->Post([&] { ++calls; }));
    });
  }
  while (calls < kThreads * kTasks) loop->Poll(kForever);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(calls, kThreads * kTasks);
}

TEST(EventLoopThreadTest, ATimerWakesTheLoopByItself) {
  const base::SystemClock clock;
  const std::unique_ptr<EventLoop> loop = EventLoop::Create(clock).value();
  const base::SteadyTime when = clock.Steady() + milliseconds(3);
  bool called = false;
  loop->At(when, [&] { called = true; });
  while (!called) loop->Poll(kForever);
  EXPECT_GE(loop->Now(), when);
}

}  // namespace
}  // namespace caravel::net
