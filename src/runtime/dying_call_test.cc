#include "runtime/dying_call.h"

#include <gtest/gtest.h>

namespace caravel::runtime {
namespace {

using State = DyingCall::State;

constexpr uint64_t kBegan = 7'000'000;

TEST(DyingCall, IsStuckAfterFiveSecondsOfCpuAndLostAfterThirty) {
  DyingCall call(kBegan);
  EXPECT_EQ(call.Look(kBegan), State::kMayEnd);
  EXPECT_EQ(call.Look(kBegan + 4'999'999), State::kMayEnd);
  EXPECT_EQ(call.Look(kBegan + 5'000'000), State::kStuck);
  EXPECT_EQ(call.Look(kBegan + 29'999'999), State::kStuck);
  EXPECT_EQ(call.Look(kBegan + 30'000'000), State::kLost);
}

TEST(DyingCall, IsStuckAfterThirtySecondsOfLooksWithoutCpuAndLostAfterNinety) {
  DyingCall call(kBegan);
  int looks = 1;
  while (call.Look(kBegan) == State::kMayEnd) ++looks;
  EXPECT_EQ(looks * DyingCall::kLookInterval, std::chrono::seconds(30));
  ++looks;
  while (call.Look(kBegan) == State::kStuck) ++looks;
  EXPECT_EQ(looks * DyingCall::kLookInterval, std::chrono::seconds(90));
}

TEST(DyingCall, IsGivenItsTimeWhereABusyMachineLeavesItLittle) {
  DyingCall call(kBegan);
  uint64_t cpu_us = kBegan;
  for (int i = 0; i < 2 * DyingCall::kLostIdleLooks; ++i) {
    cpu_us += i % 100 == 0 ? 1000 : 0;  // 1 ms of each 500
    ASSERT_EQ(call.Look(cpu_us), State::kMayEnd) << i;
  }
}

}  // namespace
}  // namespace caravel::runtime
