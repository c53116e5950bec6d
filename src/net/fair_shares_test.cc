#include "net/fair_shares.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace caravel::net {
namespace {

void TakeAllOneMay(FairShares& shares, const std::string& owner) {
  while (shares.TryTake(owner)) {
  }
}

TEST(FairSharesTest, AloneAnOwnerComesToHalfOfThePlaces) {
  FairShares shares(100);
  TakeAllOneMay(shares, "greedy");
  EXPECT_EQ(shares.held_by("greedy"), 50U);
}

TEST(FairSharesTest, WhoHoldsNoneFindsAPlaceBesideGreedyOnes) {
  FairShares shares(100);
  for (const char* owner : {"a", "b", "c", "d"}) TakeAllOneMay(shares, owner);
  EXPECT_TRUE(shares.TryTake("modest"));
}

TEST(FairSharesTest, WhoHoldsNoneGetsTheFirstPlaceThatIsGivenBack) {
  FairShares shares(100);
  for (int i = 0; i < 100; ++i) TakeAllOneMay(shares, std::to_string(i));
  ASSERT_FALSE(shares.TryTake("modest"));
  shares.Wait("0", 1);
  shares.Wait("modest", 2);
  shares.Release("0");
  EXPECT_EQ(shares.TakeNext(), 2U);
}

TEST(FairSharesTest, OwnersThatComeAndGoEndUpWithTheSame) {
  FairShares shares(100);
  TakeAllOneMay(shares, "a");
  TakeAllOneMay(shares, "b");
  for (int i = 0; i < 50; ++i) {
    shares.Release("a");
    TakeAllOneMay(shares, "b");
    TakeAllOneMay(shares, "a");
  }
  EXPECT_NEAR(static_cast<double>(shares.held_by("a")), 33, 1);
  EXPECT_NEAR(static_cast<double>(shares.held_by("b")), 33, 1);
}

TEST(FairSharesTest, ThoseWhoWaitGoOnInOrderAndOwnersInTurn) {
  FairShares shares(2);
  for (int i = 0; i < 2; ++i) shares.Take("c");
  for (const uint64_t number : {1, 2}) shares.Wait("a", number);
  for (const uint64_t number : {11, 12}) shares.Wait("b", number);
  EXPECT_EQ(shares.TakeNext(), std::nullopt) << "nothing is free";
  std::vector<uint64_t> order;
  for (const char* owner : {"c", "c", "a", "b"}) {
    shares.Release(owner);
    while (const auto next = shares.TakeNext()) order.push_back(*next);
  }
  EXPECT_THAT(order, testing::ElementsAre(1, 11, 2, 12));
}

TEST(FairSharesTest, NobodyOvertakesThoseOfTheSameOwnerWhoWait) {
  FairShares shares(2);
  ASSERT_TRUE(shares.TryTake("a"));
  shares.Wait("a", 1);
  shares.Release("a");
  EXPECT_FALSE(shares.TryTake("a"));
  EXPECT_TRUE(shares.TryTake("b")) << "another owner has its own share";
}

TEST(FairSharesTest, WhoStopsWaitingIsNotCalled) {
  FairShares shares(2);
  ASSERT_TRUE(shares.TryTake("a"));
  for (const uint64_t number : {1, 2}) shares.Wait("a", number);
  shares.StopWaiting("a", 1);
  shares.StopWaiting("a", 77);
  shares.Release("a");
  EXPECT_EQ(shares.TakeNext(), 2U);
  EXPECT_EQ(shares.TakeNext(), std::nullopt);
}

TEST(FairSharesTest, WhatMustNotWaitMayGoBeyondAndIsPaidForLater) {
  FairShares shares(1);
  shares.Take("a");
  shares.Take("a");
  shares.Release("a");
  EXPECT_FALSE(shares.TryTake("b"));
  shares.Release("a");
  EXPECT_TRUE(shares.TryTake("b"));
}

}  // namespace
}  // namespace caravel::net
