#include "host/placement.h"

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>

namespace caravel::host {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr base::SteadyTime kStart{seconds(100)};
constexpr HomeLoad kOne{.unanswered = 1};

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
    ASSERT_FALSE(passed.Count(kStart, kOne)) << i;
  }
  EXPECT_TRUE(passed.Count(kStart, kOne));
  EXPECT_FALSE(passed.Count(kStart + milliseconds(999), kOne));
  for (uint32_t i = 1; i < PassedOn::kBusy; ++i) {
    ASSERT_FALSE(passed.Count(kStart + seconds(1), kOne)) << i;
  }
  EXPECT_TRUE(passed.Count(kStart + seconds(1), kOne));
}

TEST(PassedOnTest, SlowClientsOfAQuietWorkerAddUpToNothing) {
  PassedOn passed;
  for (int i = 0; i < 1'000; ++i) {
    ASSERT_FALSE(passed.Count(kStart + milliseconds(50 * i), kOne)) << i;
  }
}

TEST(PassedOnTest, AHomeThatDoesNotAnswerMakesTheFirstOneBusy) {
  PassedOn passed;
  EXPECT_FALSE(passed.Count(kStart, {.unanswered = PassedOn::kUnanswered - 1}));
  EXPECT_TRUE(passed.Count(kStart, {.unanswered = PassedOn::kUnanswered}));
}

TEST(PassedOnTest, AHomeThatDoesNotComeRoundToOneMakesTheNextBusy) {
  PassedOn passed;
  EXPECT_FALSE(passed.Count(
      kStart,
      {.unanswered = 1, .untaken_for = PassedOn::kUntaken - milliseconds(1)}));
  EXPECT_TRUE(passed.Count(
      kStart, {.unanswered = 1, .untaken_for = PassedOn::kUntaken}));
}

TEST(ChooseRouteTest, TheHomeAnswersItself) {
  for (const Presence presence :
       {Presence::kNone, Presence::kLoading, Presence::kLoaded}) {
    EXPECT_EQ(ChooseRoute(true, presence, false), Route::kHere);
  }
}

TEST(ChooseRouteTest, AnotherShardAnswersOnceItsIsolateIsLoaded) {
  EXPECT_EQ(ChooseRoute(false, Presence::kNone, false), Route::kHome);
  EXPECT_EQ(ChooseRoute(false, Presence::kNone, true), Route::kHomeAndLoad);
  EXPECT_EQ(ChooseRoute(false, Presence::kLoading, false), Route::kHome);
  EXPECT_EQ(ChooseRoute(false, Presence::kLoading, true), Route::kHome)
      << "it is being loaded";
  EXPECT_EQ(ChooseRoute(false, Presence::kLoaded, false), Route::kHere);
}

TEST(PassedOnTest, ACountIsStaleWhenNothingWasPassedOnForAWhile) {
  PassedOn passed;
  (void)passed.Count(kStart, {});
  EXPECT_FALSE(passed.IsStale(kStart + seconds(2)));
  EXPECT_TRUE(passed.IsStale(kStart + seconds(11)));
}

}  // namespace
}  // namespace caravel::host
