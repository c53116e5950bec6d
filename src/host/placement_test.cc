#include "host/placement.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace caravel::host {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr base::SteadyTime kStart{seconds(100)};

TEST(HomeShardTest, WorkersSpreadOverAllShards) {
  for (const size_t shards : {1U, 2U, 7U, 32U}) {
    std::set<size_t> homes;
    for (int i = 0; i < 400; ++i) {
      const size_t home = HomeShard({std::to_string(i)}, shards);
      ASSERT_LT(home, shards);
      homes.insert(home);
    }
    EXPECT_EQ(homes.size(), shards);
  }
}

TEST(HomeShardTest, AWorkerKeepsItsHome) {
  EXPECT_EQ(HomeShard({"a-worker"}, 8), HomeShard({"a-worker"}, 8));
}

TEST(PassedOnTest, ABusyWorkerIsToldOnceASecond) {
  PassedOn passed;
  for (uint32_t i = 1; i < PassedOn::kBusy; ++i) {
    ASSERT_FALSE(passed.Count(kStart, 1)) << i;
  }
  EXPECT_TRUE(passed.Count(kStart, 1));
  EXPECT_FALSE(passed.Count(kStart + milliseconds(999), 1));
  for (uint32_t i = 1; i < PassedOn::kBusy; ++i) {
    ASSERT_FALSE(passed.Count(kStart + seconds(1), 1)) << i;
  }
  EXPECT_TRUE(passed.Count(kStart + seconds(1), 1));
}

TEST(PassedOnTest, SlowClientsOfAQuietWorkerAddUpToNothing) {
  PassedOn passed;
  for (int i = 0; i < 1'000; ++i) {
    ASSERT_FALSE(passed.Count(kStart + milliseconds(50 * i), 1)) << i;
  }
}

TEST(PassedOnTest, AHomeThatDoesNotAnswerMakesTheFirstOneBusy) {
  PassedOn passed;
  EXPECT_FALSE(passed.Count(kStart, PassedOn::kWaiting - 1));
  EXPECT_TRUE(passed.Count(kStart, PassedOn::kWaiting));
}

TEST(PassedOnTest, ACountIsStaleWhenNothingWasPassedOnForAWhile) {
  PassedOn passed;
  (void)passed.Count(kStart, 0);
  EXPECT_FALSE(passed.IsStale(kStart + seconds(2)));
  EXPECT_TRUE(passed.IsStale(kStart + seconds(11)));
}

}  // namespace
}  // namespace caravel::host
