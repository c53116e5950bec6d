#include "host/rate_limiter.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace caravel::host {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class RateLimiterTest : public ::testing::Test {
 protected:
  bool Take(std::string_view key, std::string_view account = "account") {
    return limiter_.Take(account, limit_, key);
  }
  // How many of `calls` are within the limit.
  int Taken(int calls, std::string_view key = "k") {
    int taken = 0;
    for (int i = 0; i < calls; ++i) taken += Take(key) ? 1 : 0;
    return taken;
  }

  base::FakeClock clock_;
  RateLimiter limiter_{clock_};
  runtime::RateLimit limit_{.space = "1001", .limit = 10, .period = 10};
};

TEST_F(RateLimiterTest, AsManyCallsSucceedAsTheLimitSays) {
  EXPECT_EQ(Taken(15), 10);
  EXPECT_EQ(Taken(15, "another key"), 10);
}

TEST_F(RateLimiterTest, AfterTwoPeriodsNothingCountsAnyMore) {
  EXPECT_EQ(Taken(15), 10);
  clock_.Advance(seconds(20));
  EXPECT_EQ(Taken(15), 10);
}

TEST_F(RateLimiterTest, NoBurstOfTwiceTheLimitPassesWhereWindowsMeet) {
  EXPECT_TRUE(Take("k"));
  clock_.Advance(milliseconds(9'900));
  EXPECT_EQ(Taken(20), 9);
  clock_.Advance(milliseconds(200));
  EXPECT_EQ(Taken(20), 1);
  clock_.Advance(milliseconds(4'900));  // half of the window before is gone
  EXPECT_EQ(Taken(20), 4);
}

TEST_F(RateLimiterTest, WhatIsRefusedIsNotCounted) {
  limit_.limit = 1;
  EXPECT_TRUE(Take("k"));
  for (int i = 0; i < 99; ++i) {
    clock_.Advance(milliseconds(100));
    EXPECT_FALSE(Take("k"));
  }
  clock_.Advance(milliseconds(200));
  EXPECT_TRUE(Take("k"));
}

TEST_F(RateLimiterTest, BindingsOfOneSpaceCountTogetherEachByItsLimit) {
  EXPECT_EQ(Taken(8), 8);
  const runtime::RateLimit stricter{.space = "1001", .limit = 5, .period = 10};
  EXPECT_FALSE(limiter_.Take("account", stricter, "k"));
  const runtime::RateLimit wider{.space = "1001", .limit = 9, .period = 10};
  EXPECT_TRUE(limiter_.Take("account", wider, "k"));
  EXPECT_FALSE(limiter_.Take("account", wider, "k"));
}

TEST_F(RateLimiterTest, AccountsSpacesAndPeriodsAreApart) {
  EXPECT_EQ(Taken(15), 10);
  EXPECT_TRUE(Take("k", "another account"));
  limit_.space = "1002";
  EXPECT_TRUE(Take("k"));
  limit_ = {.space = "1001", .limit = 1, .period = 60};
  EXPECT_TRUE(Take("k"));
}

TEST_F(RateLimiterTest, SpaceAndKeyAreNotMistakenForOneAnother) {
  limit_ = {.space = "1", .limit = 1, .period = 10};
  EXPECT_TRUE(Take("2 k"));
  limit_.space = "1 2";
  EXPECT_TRUE(Take("k"));
}

TEST_F(RateLimiterTest, AnAccountCannotPushAnothersCountsOut) {
  RateLimiter limiter(clock_, 10'000);
  limit_.limit = 1;
  EXPECT_TRUE(limiter.Take("modest", limit_, "k"));
  for (int i = 0; i < 1'000; ++i) {
    EXPECT_TRUE(limiter.Take("greedy", limit_, std::to_string(i)));
  }
  EXPECT_LE(limiter.bytes(), 10'000U);
  EXPECT_FALSE(limiter.Take("modest", limit_, "k"));
  EXPECT_FALSE(limiter.Take("greedy", limit_, "999"));
}

TEST_F(RateLimiterTest, AKeyThatFindsNoRoomIsCountedAllTheSame) {
  RateLimiter limiter(clock_, 1'000);
  limit_.limit = 1;
  const std::string large(2'000, 'k');
  EXPECT_TRUE(limiter.Take("account", limit_, large));
  EXPECT_FALSE(limiter.Take("account", limit_, large));
}

TEST_F(RateLimiterTest, AccountsOfOneLargeKeyEachHoldNoMoreThanThereIs) {
  RateLimiter limiter(clock_, 10'000);
  limit_.limit = 1;
  for (size_t size = 3'000; size < 3'050; ++size) {
    const std::string account = std::to_string(size);
    EXPECT_TRUE(limiter.Take(account, limit_, std::string(size, 'k')));
    EXPECT_FALSE(limiter.Take(account, limit_, std::string(size, 'k')));
  }
  EXPECT_LE(limiter.bytes(), 10'000U);
}

TEST_F(RateLimiterTest, ShardsShareALimit) {
  limit_.limit = 1'000;
  std::atomic<int> taken = 0;
  std::vector<std::thread> shards;
  for (int shard = 0; shard < 4; ++shard) {
    shards.emplace_back([&, shard] {
      const std::string own = std::to_string(shard);
      for (int i = 0; i < 500; ++i) {
        if (Take("shared")) ++taken;
        EXPECT_TRUE(Take(own, own));
      }
    });
  }
  for (std::thread& shard : shards) shard.join();
  EXPECT_EQ(taken, 1'000);
}

TEST_F(RateLimiterTest, WhatCountsNoMoreGoes) {
  for (int i = 0; i < 1'000; ++i) (void)Take(std::to_string(i));
  const size_t before = limiter_.bytes();
  clock_.Advance(std::chrono::minutes(2));
  for (int i = 0; i < 500; ++i) (void)Take("new " + std::to_string(i));
  EXPECT_LT(limiter_.bytes(), before);
}

}  // namespace
}  // namespace caravel::host
