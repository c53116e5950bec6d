#include "cli/log_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/parse_time.h"

namespace caravel::cli {
namespace {

using testing::HasSubstr;

const base::WallTime kNow = base::ParseTime("2026-11-24T12:00:00Z").value();

Result<registry::LogQuery> QueryOf(
    const std::vector<std::pair<std::string, std::string>>& said) {
  Arguments arguments;
  for (const auto& [name, value] : said) arguments.Add(name, value);
  return LogQueryFrom(arguments, kNow);
}

std::string TimeOf(double since_epoch_ms) {
  return base::FormatTime(base::WallTime(
      std::chrono::milliseconds(static_cast<int64_t>(since_epoch_ms))));
}

TEST(LogFlagsTest, NothingSaidWantsAll) {
  const registry::LogQuery query = QueryOf({}).value();
  EXPECT_TRUE(Matches(query, {}));
  EXPECT_EQ(query.until_ms, 0);
}

TEST(LogFlagsTest, EachFlagIsACondition) {
  const registry::LogQuery query = QueryOf({{"outcome", "ok"},
                                            {"outcome", "exception"},
                                            {"status", "404"},
                                            {"status", "5xx"},
                                            {"search", "a text"},
                                            {"id", "00ff83f1c40aa6e2-LOC"},
                                            {"version-id", "0123"}})
                                       .value();
  EXPECT_THAT(query.outcomes, testing::ElementsAre("ok", "exception"));
  EXPECT_THAT(query.statuses,
              testing::ElementsAre(registry::StatusRange{404, 404},
                                   registry::StatusRange{500, 599}));
  EXPECT_EQ(query.text, "a text");
  EXPECT_EQ(query.request_id, "00ff83f1c40aa6e2");
  EXPECT_EQ(query.version, "0123");
}

TEST(LogFlagsTest, AnIdThatNoRequestCanHaveIsRefused) {
  for (const std::string id : {"zzz", "00ff", "00FF83F1C40AA6E2", "-"}) {
    const auto query = QueryOf({{"id", id}});
    ASSERT_FALSE(query.has_value()) << id;
    EXPECT_THAT(query.error().ToText(),
                HasSubstr("--id \"" + id + "\": is no reference of a request"));
  }
}

TEST(LogFlagsTest, ATimeIsADateOrHowLongAgo) {
  const registry::LogQuery query =
      QueryOf({{"since", "2h"}, {"until", "2026-11-24T11:00:00+01:00"}})
          .value();
  EXPECT_EQ(TimeOf(query.since_ms), "2026-11-24T10:00:00.000Z");
  EXPECT_EQ(TimeOf(query.until_ms), "2026-11-24T10:00:00.000Z");
  EXPECT_EQ(TimeOf(QueryOf({{"since", "7d"}}).value().since_ms),
            "2026-11-17T12:00:00.000Z");
  EXPECT_EQ(TimeOf(QueryOf({{"since", "90s"}}).value().since_ms),
            "2026-11-24T11:58:30.000Z");
}

TEST(LogFlagsTest, WhatIsNoValueIsToldWithWhatIs) {
  for (const char* text : {"", "h", "2", "2w", "-2h", "yesterday", "+1h",
                           "100001d", "99999999999999999999h"}) {
    const Result<registry::LogQuery> query = QueryOf({{"since", text}});
    ASSERT_FALSE(query) << text;
    EXPECT_THAT(query.error().ToText(), HasSubstr("--since"));
  }
  EXPECT_FALSE(QueryOf({{"status", "okay"}}));
  EXPECT_THAT(QueryOf({{"outcome", "exeption"}}).error().message(),
              HasSubstr("\"exception\""));
}

}  // namespace
}  // namespace caravel::cli
