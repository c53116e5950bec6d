#include "cli/time_span.h"

#include <gtest/gtest.h>

namespace caravel::cli {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(TimeSpanTest, IsANumberWithAUnit) {
  EXPECT_EQ(ParseTimeSpan("90s"), seconds(90));
  EXPECT_EQ(ParseTimeSpan("5m"), minutes(5));
  EXPECT_EQ(ParseTimeSpan("12h"), hours(12));
  EXPECT_EQ(ParseTimeSpan("30d"), hours(24 * 30));
}

TEST(TimeSpanTest, AnythingElseIsNone) {
  for (const std::string_view text :
       {"", "d", "30", "30x", "2w", "-1d", "0d", "1.5d", "30dd", "30 d",
        "100001d", "99999999999d", "2027-01-01"}) {
    EXPECT_FALSE(ParseTimeSpan(text)) << text;
  }
}

}  // namespace
}  // namespace caravel::cli
