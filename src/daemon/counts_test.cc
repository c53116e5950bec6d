#include "daemon/counts.h"

#include <gtest/gtest.h>

namespace caravel::daemon {
namespace {

TEST(CountsTest, EachNameHasACountOfItsOwn) {
  Counts counts;
  counts.Add("one");
  counts.Add("two");
  counts.Add("one");
  EXPECT_EQ(counts.Of("one"), 2u);
  EXPECT_EQ(counts.Of("two"), 1u);
  counts.Remove("one");
  counts.Remove("one");
  EXPECT_EQ(counts.Of("one"), 0u);
  EXPECT_EQ(counts.Of("never"), 0u);
}

}  // namespace
}  // namespace caravel::daemon
