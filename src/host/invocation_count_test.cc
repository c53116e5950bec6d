#include "host/invocation_count.h"

#include <gtest/gtest.h>

#include <vector>

namespace caravel::host {
namespace {

TEST(InvocationCountTest, AllThatARequestCallsAtATimeIsCountedTogether) {
  InvocationCounts counts;
  const auto own = counts.Begin();
  const auto other = counts.Begin();
  std::vector<std::unique_ptr<InvocationPlace>> places;
  for (uint32_t i = 1; i < InvocationCount::kMost; ++i) {
    places.push_back(InvocationPlace::Take(counts.Find(own->id())));
    EXPECT_NE(places.back(), nullptr) << i;
  }
  EXPECT_EQ(InvocationPlace::Take(own), nullptr);
  EXPECT_NE(InvocationPlace::Take(other), nullptr);
  places.pop_back();
  const auto again = InvocationPlace::Take(own);
  EXPECT_NE(again, nullptr);
  EXPECT_EQ(InvocationPlace::Take(own), nullptr);
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
