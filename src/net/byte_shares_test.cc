#include "net/byte_shares.h"

#include <gtest/gtest.h>

#include <optional>

namespace caravel::net {
namespace {

TEST(ByteSharesTest, AnOwnerLeavesHalfToOthers) {
  ByteShares shares(160);
  const ByteShares::Hold first = shares.TryHold("a", 40);
  const ByteShares::Hold second = shares.TryHold("a", 40);
  ASSERT_NE(first, nullptr);
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(shares.TryHold("a", 1), nullptr);
  ByteShares::Hold other = shares.TryHold("b", 40);
  ASSERT_NE(other, nullptr);
  EXPECT_EQ(shares.TryHold("b", 1), nullptr);
  other.reset();
  EXPECT_NE(shares.TryHold("b", 60), nullptr);
  EXPECT_EQ(shares.TryHold("c", 81), nullptr);
  EXPECT_EQ(shares.free(), 80U);
}

TEST(ByteSharesTest, AnOwnerThatHoldsSomeLeavesAsMuchWithWhatItAsksFor) {
  ByteShares shares(512);
  const ByteShares::Hold first = shares.TryHold("a", 100);
  const ByteShares::Hold second = shares.TryHold("a", 100);
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(shares.TryHold("a", 100), nullptr);
  EXPECT_EQ(shares.TryHold("a", 57), nullptr);
  EXPECT_NE(shares.TryHold("a", 56), nullptr);
}

TEST(ByteSharesTest, AnOwnerThatHoldsNoneMayHaveWhatIsFree) {
  ByteShares shares(160);
  EXPECT_EQ(shares.TryHold("a", 161), nullptr);
  EXPECT_NE(shares.TryHold("a", 160), nullptr);
  const ByteShares::Hold first = shares.TryHold("a", 80);
  EXPECT_EQ(shares.TryHold("b", 81), nullptr);
  EXPECT_NE(shares.TryHold("b", 80), nullptr);
}

TEST(ByteSharesTest, NothingMayBeHeldTwice) {
  ByteShares shares(160);
  ByteShares::Hold first = shares.TryHold("a", 0);
  ByteShares::Hold second = shares.TryHold("a", 0);
  ByteShares::Hold some = shares.TryHold("a", 40);
  ASSERT_NE(first, nullptr);
  ASSERT_NE(second, nullptr);
  first.reset();
  some.reset();
  second.reset();
  EXPECT_EQ(shares.free(), 160U);
}

TEST(ByteSharesTest, AHoldMayOutliveTheShares) {
  std::optional<ByteShares> shares(std::in_place, 160);
  ByteShares::Hold hold = shares->TryHold("a", 40);
  shares.reset();
  hold.reset();
}

}  // namespace
}  // namespace caravel::net
