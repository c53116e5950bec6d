#include "registry/cron.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace caravel::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

base::WallTime At(std::chrono::year_month_day day, int hour = 0,
                  int minute = 0) {
  return std::chrono::sys_days(day) + std::chrono::hours(hour) +
         std::chrono::minutes(minute);
}

// The next `count` times from the start of 2026, a Thursday, on.
std::vector<std::string> Times(std::string_view text, size_t count = 3) {
  using namespace std::chrono_literals;  // NOLINT(build/namespaces)
  const auto cron = Cron::Parse(text);
  EXPECT_TRUE(cron) << cron.error().ToText();
  std::vector<std::string> times;
  base::WallTime time = At(2026y / 1 / 1) - std::chrono::seconds(1);
  for (size_t i = 0; i < count; ++i) {
    const auto next = cron->Next(time);
    if (!next) break;
    time = *next;
    times.push_back(base::FormatTime(time).substr(0, 16));
  }
  return times;
}

TEST(CronTest, FindsTheTimes) {
  EXPECT_THAT(
      Times("* * * * *"),
      ElementsAre("2026-01-01T00:00", "2026-01-01T00:01", "2026-01-01T00:02"));
  EXPECT_THAT(
      Times("*/30 * * * *"),
      ElementsAre("2026-01-01T00:00", "2026-01-01T00:30", "2026-01-01T01:00"));
  EXPECT_THAT(
      Times("10 7 * * mon-fri"),
      ElementsAre("2026-01-01T07:10", "2026-01-02T07:10", "2026-01-05T07:10"));
  EXPECT_THAT(Times("10 7 * * 2-6"), Times("10 7 * * MON-FRI"));
  EXPECT_THAT(
      Times("0 17 * * 1"),
      ElementsAre("2026-01-04T17:00", "2026-01-11T17:00", "2026-01-18T17:00"));
  EXPECT_THAT(
      Times("5,50 23 31 JAN,mar *"),
      ElementsAre("2026-01-31T23:05", "2026-01-31T23:50", "2026-03-31T23:05"));
  EXPECT_THAT(
      Times("0 10-20/5 1 * *"),
      ElementsAre("2026-01-01T10:00", "2026-01-01T15:00", "2026-01-01T20:00"));
  EXPECT_THAT(
      Times("50/5 0 1 * *"),
      ElementsAre("2026-01-01T00:50", "2026-01-01T00:55", "2026-02-01T00:50"));
}

TEST(CronTest, FindsDaysByTheEndOfTheMonthAndByWeekdays) {
  EXPECT_THAT(
      Times("0 0 L * *"),
      ElementsAre("2026-01-31T00:00", "2026-02-28T00:00", "2026-03-31T00:00"));
  EXPECT_THAT(
      Times("0 0 L-2 * *"),
      ElementsAre("2026-01-29T00:00", "2026-02-26T00:00", "2026-03-29T00:00"));
  // The 31st of January is a Saturday, and so is the 28th of February.
  EXPECT_THAT(
      Times("59 23 LW * *"),
      ElementsAre("2026-01-30T23:59", "2026-02-27T23:59", "2026-03-31T23:59"));
  // The 1st of February and March are Sundays: never in the month before.
  EXPECT_THAT(
      Times("0 0 1W * *"),
      ElementsAre("2026-01-01T00:00", "2026-02-02T00:00", "2026-03-02T00:00"));
  // The 15th of February is a Sunday, the 15th of August a Saturday.
  EXPECT_THAT(Times("0 0 15W 2,8 *", 2),
              ElementsAre("2026-02-16T00:00", "2026-08-14T00:00"));
  EXPECT_THAT(
      Times("0 18 * * friL"),
      ElementsAre("2026-01-30T18:00", "2026-02-27T18:00", "2026-03-27T18:00"));
  EXPECT_THAT(Times("0 18 * * 6L"), Times("0 18 * * FRIl"));
  EXPECT_THAT(
      Times("0 10 * * MON#2"),
      ElementsAre("2026-01-12T10:00", "2026-02-09T10:00", "2026-03-09T10:00"));
}

TEST(CronTest, OneOfTwoRestrictedDaysHasToFit) {
  EXPECT_THAT(
      Times("0 0 3 * SUN"),
      ElementsAre("2026-01-03T00:00", "2026-01-04T00:00", "2026-01-11T00:00"));
}

TEST(CronTest, FindsLeapDaysAndNoDayThatIsNone) {
  EXPECT_THAT(
      Times("0 0 29 2 *"),
      ElementsAre("2028-02-29T00:00", "2032-02-29T00:00", "2036-02-29T00:00"));
  EXPECT_THAT(Times("0 0 30 2 *"), ElementsAre());
}

TEST(CronTest, NamesWhatIsWrong) {
  struct Case {
    std::string_view text;
    std::string_view error;
  };
  for (const Case& each : {
           Case{"", "it has 0 fields, and takes 5"},
           Case{"* * * *", "it has 4 fields, and takes 5"},
           Case{"* * * * * *", "it has 6 fields, and takes 5"},
           Case{"61 * * * *", "minute \"61\" is none of 0-59"},
           Case{"*/0 * * * *", "minute \"*/0\" is none of 0-59"},
           Case{"5-1 * * * *", "minute \"5-1\" is none of 0-59"},
           Case{"1,,2 * * * *", "minute \"\" is none of 0-59"},
           Case{"* 24 * * *", "hour \"24\" is none of 0-23"},
           Case{"* * 0 * *", "day of the month \"0\" is none of 1-31, L, W"},
           Case{"* * L-31 * *", "day of the month \"L-31\" is none of"},
           Case{"* * 32W * *", "day of the month \"32W\" is none of"},
           Case{"* * * ja *", "month \"ja\" is none of 1-12, JAN-DEC"},
           Case{"* * * anf *", "month \"anf\" is none of 1-12, JAN-DEC"},
           Case{"* * * * 0", "day of the week \"0\" is none of 1-7 (1 is"},
           Case{"* * * * 8L", "day of the week \"8L\" is none of"},
           Case{"* * * * 2#6", "day of the week \"2#6\" is none of"},
           Case{"* * * * -", "day of the week \"-\" is none of"},
           Case{"99999999999 * * * *", "minute \"99999999999\" is none of"},
       }) {
    const auto cron = Cron::Parse(each.text);
    ASSERT_FALSE(cron) << each.text;
    EXPECT_EQ(cron.error().code(), ErrorCode::kInvalid);
    EXPECT_THAT(
        cron.error().message(),
        HasSubstr(fmt::format("cron \"{}\": {}", each.text, each.error)));
  }
}

}  // namespace
}  // namespace caravel::registry
