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

TEST(WaitingBytesTest, GivesNothingFromBehindABarrierUntilItIsLifted) {
  size_t total = 0;
  WaitingBytes waiting(total, 0);
  waiting.Append("in the clear");
  waiting.SetBarrier();
  waiting.Append("secret");
  uint64_t credit = 7;
  EXPECT_EQ(waiting.Take(credit), "in the ");
  waiting.Release();
  waiting.Append("s");
  EXPECT_FALSE(waiting.spent());
  credit = 100;
  EXPECT_EQ(waiting.Take(credit), "clear");
  waiting.Release();
  EXPECT_TRUE(waiting.spent());
  EXPECT_FALSE(waiting.empty());
  EXPECT_EQ(waiting.Take(credit), "");
  waiting.LiftBarrier();
  EXPECT_EQ(waiting.Take(credit), "secrets");
  EXPECT_TRUE(waiting.empty());
}

TEST(WaitingBytesTest, ABarrierBeforeAllHoldsAll) {
  size_t total = 0;
  WaitingBytes waiting(total, 0);
  waiting.SetBarrier();
  waiting.Append("secret");
  uint64_t credit = 100;
  EXPECT_EQ(waiting.Take(credit), "");
  EXPECT_EQ(credit, 100U);
}

TEST(WaitingBytesTest, CountsWhatAllOfAnOwnerHoldBeyondTheirWindows) {
  size_t total = 0;
  WaitingBytes small(total, 100);
  small.Append(std::string(100, 'x'));
  EXPECT_EQ(total, 0U);
  size_t of_small = 0;
  {
    WaitingBytes large(total, 10);
    large.Append(std::string(100, 'x'));
    large.Append(std::string(100, 'x'));
    EXPECT_GE(total, 190U);
    EXPECT_LE(total, 290U);
    const size_t of_large = total;
    small.Append(std::string(100, 'x'));
    EXPECT_GE(total, of_large + 100);
    of_small = total - of_large;
  }
  EXPECT_EQ(total, of_small) << "what is destroyed holds nothing";
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
  EXPECT_GE(total, 30U);
  EXPECT_LE(total, 150U);
  credit = 100;
  (void)waiting.Take(credit);
  waiting.Release();
  EXPECT_EQ(total, 0U);
}

TEST(WaitingBytesTest, CountsTheMemoryThatAStringHoldsWhateverItsSize) {
  size_t total = 0;
  WaitingBytes waiting(total, 1'000);
  std::string bytes;
  bytes.reserve(50'000);
  bytes = "few";
  waiting.Append(std::move(bytes));
  EXPECT_GE(total, 49'000U);
  waiting.Append("more");
  EXPECT_GE(total, 49'000U);
  waiting.Clear();
  EXPECT_EQ(total, 0U);
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
