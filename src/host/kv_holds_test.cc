#include "host/kv_holds.h"

#include <gtest/gtest.h>

#include <optional>

namespace caravel::host {
namespace {

class KvHoldsTest : public ::testing::Test {
 protected:
  static KvHolds::Counter Isolate() {
    return std::make_shared<std::atomic<size_t>>(0);
  }

  std::optional<KvHolds> holds_{std::in_place,
                                KvHolds::Limits{.isolate = 60, .host = 160}};
};

TEST_F(KvHoldsTest, AnIsolateHasALimit) {
  const KvHolds::Counter isolate = Isolate();
  KvHolds::Hold first = holds_->TryHold("a", isolate, 40);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(holds_->TryHold("a", isolate, 21), nullptr);
  EXPECT_NE(holds_->TryHold("a", isolate, 20), nullptr);
  first.reset();
  EXPECT_EQ(*isolate, 0U);
  EXPECT_NE(holds_->TryHold("a", isolate, 60), nullptr);
}

TEST_F(KvHoldsTest, AnAccountWithManyIsolatesLeavesHalfToOthers) {
  const KvHolds::Hold first = holds_->TryHold("a", Isolate(), 40);
  const KvHolds::Hold second = holds_->TryHold("a", Isolate(), 40);
  ASSERT_NE(first, nullptr);
  ASSERT_NE(second, nullptr);
  const KvHolds::Counter third = Isolate();
  EXPECT_EQ(holds_->TryHold("a", third, 1), nullptr);
  EXPECT_EQ(*third, 0U);
  KvHolds::Hold other = holds_->TryHold("b", Isolate(), 40);
  ASSERT_NE(other, nullptr);
  EXPECT_EQ(holds_->TryHold("b", Isolate(), 1), nullptr);
  other.reset();
  EXPECT_NE(holds_->TryHold("b", Isolate(), 60), nullptr);
}

TEST_F(KvHoldsTest, AHoldMayOutliveAllElse) {
  KvHolds::Hold hold = holds_->TryHold("a", Isolate(), 40);
  holds_.reset();
  hold.reset();
}

}  // namespace
}  // namespace caravel::host
