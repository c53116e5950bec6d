#include "daemon/log_keeping.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace caravel::daemon {
namespace {

using registry::LogEvent;
using testing::ElementsAre;

LogEvent Plain() {
  LogEvent event;
  event.worker.value = "w";
  event.request_id = "0123456789abcdef";
  event.outcome = "ok";
  event.only_tailed = true;
  return event;
}
LogEvent Canceled() {
  LogEvent event = Plain();
  event.outcome = "canceled";
  event.only_tailed = false;
  return event;
}
LogEvent Line() {
  LogEvent event = Plain();
  event.only_tailed = false;
  event.logs.emplace_back();
  return event;
}
LogEvent Exception() {
  LogEvent event = Canceled();
  event.exceptions.push_back({"Error", "why", "", 0});
  return event;
}

// Of "plain canceled line exception", those that are kept.
std::string Kept(std::string_view observability) {
  const LogKeeping keeping = LogKeeping::Of(observability);
  std::string kept;
  if (keeping.Keeps(Plain())) kept += "plain ";
  if (keeping.Keeps(Canceled())) kept += "canceled ";
  if (keeping.Keeps(Line())) kept += "line ";
  if (keeping.Keeps(Exception())) kept += "exception ";
  return kept;
}

TEST(LogKeepingTest, WhatIsKeptIsAsObservabilitySays) {
  const std::string usual = "canceled line exception ";
  const std::string all = "plain " + usual;
  const std::pair<const char*, std::string> kCases[] = {
      {"", usual},
      {"none", usual},
      {R"([])", usual},
      {R"({})", usual},
      {R"({"enabled":true})", all},
      {R"({"enabled":"yes"})", usual},
      {R"({"enabled":false})", ""},
      {R"({"enabled":false,"logs":{"enabled":true}})", all},
      {R"({"enabled":true,"logs":{"enabled":false}})", ""},
      {R"({"logs":{"enabled":true,"persist":false}})", ""},
      {R"({"logs":{"enabled":true,"invocation_logs":false}})",
       "line exception "},
      {R"({"logs":{"invocation_logs":false}})", "line exception "},
      {R"({"logs":{"invocation_logs":true}})", usual},
      {R"({"enabled":true,"head_sampling_rate":0})", ""},
      {R"({"enabled":true,"head_sampling_rate":0,
           "logs":{"head_sampling_rate":1}})",
       all},
      {R"({"traces":{"enabled":true}})", usual},
  };
  for (const auto& [observability, kept] : kCases) {
    EXPECT_EQ(Kept(observability), kept) << observability;
  }
}

TEST(LogKeepingTest, ARequestIsSampledByItsIdWithAllThatItTells) {
  const LogKeeping half = LogKeeping::Of(R"({"head_sampling_rate":0.5})");
  size_t kept = 0;
  for (uint64_t i = 0; i < 1000; ++i) {
    LogEvent event = Line();
    event.request_id = fmt::format("{:016x}", i * 0x9E3779B97F4A7C15ULL);
    const bool keeps = half.Keeps(event);
    kept += keeps ? 1 : 0;
    event.exceptions.push_back({"Error", "why", "", 0});
    EXPECT_EQ(half.Keeps(event), keeps);
  }
  EXPECT_GT(kept, 450U);
  EXPECT_LT(kept, 550U);
  LogEvent told = Line();  // by the platform, of no request
  told.request_id.clear();
  EXPECT_TRUE(half.Keeps(told));
}

TEST(LogKeepingTest, EachWorkerHasItsOwn) {
  LogKeepings keepings;
  EXPECT_TRUE(keepings.Keeps(Line()));
  EXPECT_FALSE(keepings.Set({"w"}, R"({"enabled":false})"));
  EXPECT_FALSE(keepings.Keeps(Line()));
  LogEvent other = Line();
  other.worker.value = "other";
  EXPECT_TRUE(keepings.Keeps(other));
  EXPECT_TRUE(keepings.Set({"other"}, R"({"enabled":true})"));
  EXPECT_FALSE(keepings.Set({"other"}, R"({"enabled":true})"));
  EXPECT_THAT(keepings.Whole(), ElementsAre(registry::WorkerId{"other"}));
  EXPECT_TRUE(keepings.Set({"other"}, ""));
  EXPECT_THAT(keepings.Whole(), ElementsAre());
}

TEST(LogKeepingTest, AllInvocationsAreKeptOfHoweverManyWorkersAskForIt) {
  constexpr size_t kMany = 3000;
  LogKeepings keepings;
  for (size_t i = 0; i < kMany; ++i) {
    EXPECT_TRUE(keepings.Set({fmt::format("w{}", i)}, R"({"enabled":true})"));
  }
  EXPECT_EQ(keepings.Whole().size(), kMany);
}

}  // namespace
}  // namespace caravel::daemon
