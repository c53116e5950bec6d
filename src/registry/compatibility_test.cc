#include "registry/compatibility.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace caravel::registry {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// 2026-11-24, noon UTC.
constexpr base::WallTime kNow{
    std::chrono::sys_days(std::chrono::year(2026) / 11 / 24) +
    std::chrono::hours(12)};

Result<Compatibility> Parse(std::string_view date,
                            std::vector<std::string> flags = {}) {
  return Compatibility::Parse(date, flags, kNow);
}

std::string ErrorOf(std::string_view date,
                    std::vector<std::string> flags = {}) {
  auto result = Parse(date, std::move(flags));
  return result ? "no error" : result.error().ToText();
}

TEST(CompatibilityTest, ADateSwitchesOnWhatCameBefore) {
  EXPECT_TRUE(Parse("2022-03-21").value().IsOn("global_navigator"));
  EXPECT_FALSE(Parse("2022-03-20").value().IsOn("global_navigator"));
}

TEST(CompatibilityTest, AFlagSwitchesAgainstTheDate) {
  EXPECT_TRUE(Parse("2022-01-01", {"global_navigator"})
                  .value()
                  .IsOn("global_navigator"));
  EXPECT_FALSE(Parse("2026-01-01", {"no_global_navigator"})
                   .value()
                   .IsOn("global_navigator"));
}

TEST(CompatibilityTest, AFlagBringsWhatItImpliesFromThatDateOn) {
  const auto early = Parse("2024-09-22", {"nodejs_compat"}).value();
  EXPECT_TRUE(early.IsOn("nodejs_compat"));
  EXPECT_FALSE(early.IsOn("nodejs_compat_v2"));
  const auto later = Parse("2025-09-15", {"nodejs_compat"}).value();
  EXPECT_TRUE(later.IsOn("nodejs_compat_v2"));
  EXPECT_TRUE(later.IsOn("enable_nodejs_fs_module"));
  // Through enable_nodejs_http_modules, itself implied.
  EXPECT_TRUE(later.IsOn("enable_nodejs_http_server_modules"));
  EXPECT_FALSE(
      Parse("2025-09-15", {"nodejs_compat", "disable_nodejs_fs_module"})
          .value()
          .IsOn("enable_nodejs_fs_module"));
}

TEST(CompatibilityTest, NodeCompatIsOnByDefaultFromItsDate) {
  EXPECT_TRUE(Parse("2026-08-04").value().IsOn("enable_nodejs_repl_module"));
  EXPECT_FALSE(Parse("2026-08-04", {"no_nodejs_compat", "no_nodejs_compat_v2"})
                   .value()
                   .IsOn("enable_nodejs_repl_module"));
}

TEST(CompatibilityTest, NoDateIsTheOldest) {
  EXPECT_EQ(Parse("").value().date(), "2021-11-02");
}

TEST(CompatibilityTest, WhatWasPublishedIsNotHeldAgainstTheClock) {
  const auto ahead = Compatibility::OfPublished(
      "2199-12-31", std::vector<std::string>{"no_global_navigator"});
  EXPECT_TRUE(ahead.HasNode());
  EXPECT_FALSE(ahead.IsOn("global_navigator"));
  EXPECT_THAT(Compatibility::OfPublished("none", {}).on(), IsEmpty());
}

TEST(CompatibilityTest, TodayIsAllowedAndTomorrowIsNot) {
  EXPECT_TRUE(Parse("2026-11-24").has_value());
  EXPECT_EQ(ErrorOf("2026-11-25"),
            "compatibility date \"2026-11-25\": lies in the future, today is "
            "2026-11-24 (UTC)\nuse 2026-11-24 or an earlier date");
}

TEST(CompatibilityTest, OnlyRealDatesAreDates) {
  for (const std::string_view text :
       {"today", "2026-02-30", "2026-13-01", "26-01-01", "2026-1-1",
        "2026-01-01 ", "2026/01/01", "-026-01-01", "+026-01-01"}) {
    EXPECT_THAT(ErrorOf(text), HasSubstr("not a date")) << text;
  }
}

TEST(CompatibilityTest, AnUnknownFlagIsNamedWithTheNearest) {
  EXPECT_THAT(
      ErrorOf("2026-01-01", {"nodejs_compatt"}),
      HasSubstr("compatibility flag \"nodejs_compatt\": no such flag (did you "
                "mean \"nodejs_compat\"?)"));
  EXPECT_THAT(ErrorOf("2026-01-01", {""}), HasSubstr("no such flag"));
  EXPECT_THAT(ErrorOf("2026-01-01", {"python_workers"}),
              HasSubstr("Python Workers are not built in Caravel yet"));
}

TEST(CompatibilityTest, FlagsThatCannotStandAreRefused) {
  EXPECT_THAT(ErrorOf("2026-01-01", {"experimental"}),
              HasSubstr("is experimental"));
  EXPECT_THAT(
      ErrorOf("2026-01-01", {"no_global_navigator", "global_navigator"}),
      HasSubstr("contradict each other"));
  EXPECT_THAT(ErrorOf("2026-01-01", {"nodejs_als", "nodejs_als"}),
              HasSubstr("is written twice"));
}

TEST(CompatibilityTest, TheTableIsSortedAndItsImplicationsAreKnown) {
  const auto flags = CompatibilityFlags();
  EXPECT_TRUE(std::ranges::is_sorted(flags, {}, &CompatibilityFlag::enable));
  for (const CompatibilityFlag& flag : flags) {
    EXPECT_EQ(flag.implied_by.empty(), flag.implied_from.empty())
        << flag.enable;
    EXPECT_TRUE(flag.implied_by.empty() ||
                std::ranges::count(flags, flag.implied_by,
                                   &CompatibilityFlag::enable) == 1)
        << flag.enable;
  }
}

}  // namespace
}  // namespace caravel::registry
