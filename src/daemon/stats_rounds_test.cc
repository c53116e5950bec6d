#include "daemon/stats_rounds.h"

#include <gtest/gtest.h>

#include "base/clock.h"
#include "daemon/testing/fake_host_port.h"

namespace caravel::daemon {
namespace {

class StatsRoundsTest : public testing::Test {
 protected:
  uint64_t Begin() {
    rounds_.Begin({&first_, &second_}, [this] { ++told_; });
    return first_.SentOf<registry::AskStats>().back()->request;
  }

  base::SystemClock clock_;
  std::unique_ptr<net::EventLoop> loop_ =
      net::EventLoop::Create(clock_).value();
  StatsRounds rounds_{*loop_};
  FakeHostPort first_{"h1"};
  FakeHostPort second_{"h2"};
  int told_ = 0;
};

TEST_F(StatsRoundsTest, EndWhenEachHostHasAnsweredThisQuestion) {
  const uint64_t earlier = Begin();
  const uint64_t number = Begin();
  EXPECT_NE(number, 0U);
  rounds_.OnStats(first_, number);
  rounds_.OnStats(first_, number);
  rounds_.OnStats(second_, 0);  // a regular one
  rounds_.OnStats(second_, earlier);
  EXPECT_EQ(told_, 0);
  rounds_.OnStats(second_, number);
  EXPECT_EQ(told_, 1);
  rounds_.OnStats(second_, number);  // what a host makes up
  EXPECT_EQ(told_, 1);
}

TEST_F(StatsRoundsTest, DoNotWaitForAHostThatIsGone) {
  const uint64_t number = Begin();
  rounds_.OnHostLeft(second_);
  EXPECT_EQ(told_, 0);
  rounds_.OnStats(first_, number);
  EXPECT_EQ(told_, 1);
}

TEST_F(StatsRoundsTest, DoNotWaitLongForAHostThatComputes) {
  const uint64_t number = Begin();
  rounds_.OnStats(first_, number);
  while (told_ == 0) loop_->Poll(std::chrono::nanoseconds(-1));
  rounds_.OnStats(second_, number);
  EXPECT_EQ(told_, 1);
}

TEST_F(StatsRoundsTest, EndAtOnceWithoutHosts) {
  rounds_.Begin({}, [this] { ++told_; });
  EXPECT_EQ(told_, 1);
}

}  // namespace
}  // namespace caravel::daemon
