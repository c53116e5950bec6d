#include "host/waiting_bytes.h"

#include <gtest/gtest.h>

namespace caravel::host {
namespace {

TEST(WaitingBytesTest, GivesBytesInOrderAndOnlyAsManyAsThereIsCredit) {
  size_t total = 0;
  WaitingBytes waiting(total, 0);
  waiting.Append("one ");
  waiting.Append("two");
  uint64_t credit = 5;
  EXPECT_EQ(waiting.Take(credit), "one t");
  EXPECT_EQ(credit, 0U);
  EXPECT_FALSE(waiting.empty());
  credit = 100;
  EXPECT_EQ(waiting.Take(credit), "wo");
  EXPECT_EQ(credit, 98U);
  EXPECT_TRUE(waiting.empty());
}

TEST(WaitingBytesTest, CountsWhatAllOfAnOwnerHoldBeyondTheirWindows) {
  size_t total = 0;
  WaitingBytes small(total, 10);
  small.Append(std::string(10, 'x'));
  EXPECT_EQ(total, 0U);
  {
    WaitingBytes large(total, 10);
    large.Append(std::string(100, 'x'));
    large.Append(std::string(100, 'x'));
    EXPECT_EQ(total, 190U);
    small.Append("x");
    EXPECT_EQ(total, 191U);
  }
  EXPECT_EQ(total, 1U) << "what is destroyed holds nothing";
  small.Clear();
  EXPECT_EQ(total, 0U);
}

TEST(WaitingBytesTest, CountsWhatWasTakenUntilItIsFreed) {
  size_t total = 0;
  WaitingBytes waiting(total, 0);
  waiting.Append(std::string(100, 'x'));
  uint64_t credit = 80;
  (void)waiting.Take(credit);
  EXPECT_EQ(total, 100U);
  waiting.Append(std::string(10, 'y'));
  EXPECT_EQ(total, 30U);
  credit = 100;
  (void)waiting.Take(credit);
  waiting.Append("z");
  EXPECT_EQ(total, 1U);
}

TEST(WaitingBytesTest, ALargeBodyGoesAsItIsPassedOn) {
  constexpr size_t kBody = 16 << 20;
  constexpr size_t kPiece = 64 << 10;
  size_t total = 0;
  WaitingBytes waiting(total, 0);
  waiting.Append(std::string(kBody, 'x'));
  for (size_t left = kBody; left > 0; left -= kPiece) {
    EXPECT_LE(total, 2 * left);
    uint64_t credit = kPiece;
    ASSERT_EQ(waiting.Take(credit).size(), kPiece);
    waiting.Release();
  }
  EXPECT_EQ(total, 0U);
}

TEST(WaitingBytesTest, AStreamOfAnyLengthHoldsAWindow) {
  constexpr size_t kWindow = 64 << 10;
  size_t total = 0;
  WaitingBytes waiting(total, 0);
  size_t most = 0;
  waiting.Append(std::string(kWindow, 'x'));
  for (int i = 0; i < 1000; ++i) {
    uint64_t credit = kWindow / 4;
    const size_t taken = waiting.Take(credit).size();
    waiting.Release();
    waiting.Append(std::string(taken, 'x'));  // as much as was granted
    most = std::max(most, total);
  }
  EXPECT_LE(most, 2 * kWindow);
}

}  // namespace
}  // namespace caravel::host
