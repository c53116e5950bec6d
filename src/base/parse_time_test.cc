#include "base/parse_time.h"

#include <gtest/gtest.h>

namespace caravel::base {
namespace {

std::string Again(std::string_view text) {
  const std::optional<WallTime> time = ParseTime(text);
  return time ? FormatTime(*time) : "none";
}

TEST(ParseTimeTest, ReadsWhatFormatTimeWrites) {
  for (const char* text :
       {"2026-11-24T09:30:00.125Z", "1970-01-01T00:00:00.000Z",
        "2199-12-31T23:59:59.999Z", "2028-02-29T12:00:00.001Z"}) {
    EXPECT_EQ(Again(text), text);
  }
}

TEST(ParseTimeTest, TakesOffsetsDatesAloneAndAnyFraction) {
  EXPECT_EQ(Again("2026-11-24T09:30:00+02:00"), "2026-11-24T07:30:00.000Z");
  EXPECT_EQ(Again("2026-11-24 22:30:00-02:30"), "2026-11-25T01:00:00.000Z");
  EXPECT_EQ(Again("2026-11-24"), "2026-11-24T00:00:00.000Z");
  EXPECT_EQ(Again("2026-11-24t09:30:00.5z"), "2026-11-24T09:30:00.500Z");
  EXPECT_EQ(Again("2026-11-24T09:30:00.123456789123Z"),
            "2026-11-24T09:30:00.123Z");
}

TEST(ParseTimeTest, TakesNothingElse) {
  for (const char* text : {"",
                           "2026",
                           "2026-11",
                           "2026-13-01",
                           "2026-02-29",
                           "2026-11-31",
                           "1969-12-31",
                           "2200-01-01",
                           "2026-11-24T",
                           "2026-11-24T09:30Z",
                           "2026-11-24T24:00:00Z",
                           "2026-11-24T09:60:00Z",
                           "2026-11-24T09:30:00",
                           "2026-11-24T09:30:00.Z",
                           "2026-11-24T09:30:00Zx",
                           "+026-11-24",
                           "2026-+1-24",
                           "2026-11-24T09:30:00+2:00",
                           "2026-11-24T-9:30:00Z",
                           "2026-11-24T09:30:00+-1:00"}) {
    EXPECT_EQ(Again(text), "none") << text;
  }
}

}  // namespace
}  // namespace caravel::base
