#include "host/invocation_count.h"

#include <gtest/gtest.h>

#include <vector>

namespace caravel::host {
namespace {

TEST(InvocationCountTest, AllThatARequestCallsAtATimeIsCountedTogether) {
  InvocationCounts counts;
  const auto own = counts.Begin();
  const auto other = counts.Begin();
  std::vector<std::optional<InvocationPlace>> places;
  for (uint32_t i = 1; i < InvocationCount::kMost; ++i) {
    places.push_back(InvocationPlace::Take(counts.Find(own->id())));
    EXPECT_TRUE(places.back().has_value()) << i;
  }
  EXPECT_FALSE(InvocationPlace::Take(own).has_value());
  EXPECT_TRUE(InvocationPlace::Take(other).has_value());
  places.pop_back();
  auto again = InvocationPlace::Take(own);
  EXPECT_TRUE(again.has_value());
  EXPECT_FALSE(InvocationPlace::Take(own).has_value());
  std::optional<InvocationPlace> kept = InvocationPlace::Keep(own);
  again.reset();
  EXPECT_FALSE(InvocationPlace::Take(own).has_value());
  kept.reset();
  EXPECT_TRUE(InvocationPlace::Take(own).has_value());
}

TEST(InvocationCountTest, ACountIsGoneWithTheLastThatHoldsIt) {
  InvocationCounts counts;
  auto own = counts.Begin();
  const uint64_t id = own->id();
  auto called = counts.Find(id);
  own.reset();
  EXPECT_EQ(counts.Find(id), called);
  called.reset();
  EXPECT_EQ(counts.Find(id), nullptr);
  EXPECT_EQ(counts.size(), 0U);
}

}  // namespace
}  // namespace caravel::host
