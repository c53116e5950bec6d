#include "control/account_turns.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <string>
#include <thread>

namespace caravel::api {
namespace {

const registry::AccountId kBusy{"busy"};
const registry::AccountId kOther{"other"};

TEST(AccountTurnsTest, LetsAccountsTakeTurns) {
  std::string order;  // of the one thread
  std::promise<void> all_wait;
  std::promise<void> done;
  AccountTurns turns(1, 10);
  ASSERT_TRUE(turns.Post(kBusy, [&] {
    all_wait.get_future().wait();
    order += "1";
  }));
  ASSERT_TRUE(turns.Post(kBusy, [&] { order += "2"; }));
  ASSERT_TRUE(turns.Post(kBusy, [&] {
    order += "3";
    done.set_value();
  }));
  ASSERT_TRUE(turns.Post(kOther, [&] { order += "o"; }));
  all_wait.set_value();
  done.get_future().wait();
  EXPECT_EQ(order, "1o23");
}

TEST(AccountTurnsTest, RunsOneTaskOfAnAccountAtATime) {
  std::atomic<bool> first_ended = false;
  std::promise<void> other_ran;
  std::promise<bool> second;
  AccountTurns turns(2, 10);
  ASSERT_TRUE(turns.Post(kBusy, [&] {
    other_ran.get_future().wait();
    first_ended = true;
  }));
  ASSERT_TRUE(turns.Post(kBusy, [&] { second.set_value(first_ended); }));
  // On the other thread, which the second has left free.
  ASSERT_TRUE(turns.Post(kOther, [&] { other_ran.set_value(); }));
  EXPECT_TRUE(second.get_future().get());
}

TEST(AccountTurnsTest, RunsAsManyTasksOfAnAccountAsItMay) {
  std::promise<void> second_runs;
  std::promise<void> other_ran;
  std::promise<void> all_ran;
  std::atomic<int> running = 0;
  std::atomic<int> most = 0;
  AccountTurns turns(3, 10, 2);
  const auto enter = [&] {
    const int now = ++running;
    int before = most;
    while (before < now && !most.compare_exchange_weak(before, now)) {
    }
  };
  ASSERT_TRUE(turns.Post(kBusy, [&] {
    enter();
    second_runs.get_future().wait();
    other_ran.get_future().wait();
    --running;
  }));
  ASSERT_TRUE(turns.Post(kBusy, [&] {
    enter();
    second_runs.set_value();
    --running;
  }));
  for (int i = 0; i < 8; ++i) {
    ASSERT_TRUE(turns.Post(kBusy, [&, i] {
      enter();
      --running;
      if (i == 7) all_ran.set_value();
    }));
  }
  ASSERT_TRUE(turns.Post(kOther, [&] { other_ran.set_value(); }));
  all_ran.get_future().wait();
  EXPECT_EQ(most, 2);
}

TEST(AccountTurnsTest, RefusesAnAccountOfWhichTooManyWait) {
  std::promise<void> running;
  std::promise<void> go_on;
  std::promise<void> other_ran;
  AccountTurns turns(1, 1);
  ASSERT_TRUE(turns.Post(kBusy, [&] {
    running.set_value();
    go_on.get_future().wait();
  }));
  running.get_future().wait();
  EXPECT_TRUE(turns.Post(kBusy, [] {}));
  EXPECT_FALSE(turns.Post(kBusy, [] {}));
  EXPECT_TRUE(turns.Post(kOther, [&] { other_ran.set_value(); }));
  go_on.set_value();
  other_ran.get_future().wait();
}

TEST(AccountTurnsTest, BeginsAnewWithAnAccountThatHadNothingLeft) {
  std::atomic<int> ran = 0;
  AccountTurns turns(1, 1);
  for (int i = 1; i <= 3; ++i) {
    while (!turns.Post(kBusy, [&] { ++ran; })) std::this_thread::yield();
    while (ran < i) std::this_thread::yield();
  }
}

}  // namespace
}  // namespace caravel::api
