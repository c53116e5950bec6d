#include "registry/log_query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace caravel::registry {
namespace {

using testing::HasSubstr;

LogEvent Event() {
  LogEvent event;
  event.version.value = "0123abcd-0000-4000-8000-000000000000";
  event.request_id = "00000000000000ff";
  event.outcome = "ok";
  event.method = "GET";
  event.url = "http://shop.localhost/Basket?item=7";
  event.status = 404;
  event.time_ms = 1000;
  event.logs = {{"warn", R"(["no such Item"])", 1000}};
  event.exceptions = {{"TypeError", "bad thing", "at index.js:1", 1000}};
  return event;
}

TEST(StatusRangeTest, IsAStatusAHundredOrFromTo) {
  EXPECT_EQ(ParseStatusRanges({"404", "5xx", "400-499"}).value(),
            (std::vector<StatusRange>{{404, 404}, {500, 599}, {400, 499}}));
}

TEST(StatusRangeTest, NothingElseIsOne) {
  for (const char* text : {"", "4", "4xxx", "0xx", "xxx", "40x", "099", "4040",
                           "500-400", "400-", "-499", "+44", "400-499-500"}) {
    const auto range = ParseStatusRanges({"404", text});
    ASSERT_FALSE(range) << text;
    EXPECT_THAT(range.error().message(), HasSubstr(text));
  }
}

TEST(LogQueryTest, WithoutAConditionAllMatches) {
  EXPECT_TRUE(Matches({}, Event()));
  EXPECT_TRUE(Matches({}, {}));
}

TEST(LogQueryTest, EachConditionHoldsAndKeepsAway) {
  EXPECT_TRUE(Matches({.version = "0123abcd"}, Event()));
  EXPECT_FALSE(Matches({.version = "123abcd"}, Event()));
  EXPECT_TRUE(Matches({.outcomes = {"exception", "ok"}}, Event()));
  EXPECT_FALSE(Matches({.outcomes = {"exception"}}, Event()));
  EXPECT_TRUE(Matches({.statuses = {{500, 599}, {404, 404}}}, Event()));
  EXPECT_FALSE(Matches({.statuses = {{400, 403}, {405, 499}}}, Event()));
  EXPECT_TRUE(Matches({.request_id = "00000000000000ff"}, Event()));
  EXPECT_FALSE(Matches({.request_id = "00000000000000fe"}, Event()));
  EXPECT_TRUE(Matches({.since_ms = 1000, .until_ms = 1001}, Event()));
  EXPECT_FALSE(Matches({.since_ms = 1001}, Event()));
  EXPECT_FALSE(Matches({.until_ms = 1000}, Event()));
}

TEST(LogQueryTest, TextIsFoundWhereverSomebodyWouldLook) {
  for (const char* text : {"basket?ITEM", "no such item", "typeerror",
                           "bad thing", "index.js:1", "get"}) {
    EXPECT_TRUE(Matches({.text = text}, Event())) << text;
  }
  EXPECT_FALSE(Matches({.text = "nowhere"}, Event()));
}

TEST(LogQueryTest, ALineIsFoundByWhatTheConsoleShowsOfIt) {
  LogEvent event;
  event.logs = {
      {"log", R"(["user","{\"Id\":7,\"at\":\"C:\\tmp\"}\n\u001b[0m"])", 0}};
  for (const char* text :
       {R"({"id":7,"at")", R"(C:\tmp)", R"(user {"id")", "}\n\x1b[0m"}) {
    EXPECT_TRUE(Matches({.text = text}, event)) << text;
  }
  for (const char* text : {R"(user","{)", R"(["user)", R"(\")", "]\n"}) {
    EXPECT_FALSE(Matches({.text = text}, event)) << text;
  }
  event.logs = {{"log", R"(["says \"hi\",","to\\","\b\f"])", 0}};
  for (const char* text : {R"("hi", to\ )", "\b\f"}) {
    EXPECT_TRUE(Matches({.text = text}, event)) << text;
  }
  event.logs = {{"log", R"([{"user":5},"x"])", 0, "{ user: 5 } x"}};
  EXPECT_TRUE(Matches({.text = R"("user":5)"}, event));
  EXPECT_TRUE(Matches({.text = "{ user: 5 } x"}, event));
  for (const char* message :
       {"", "[]", "[\"", "[\"]", "no JSON", R"(["x",5])", R"(["x")"}) {
    event.logs = {{"log", message, 0}};
    EXPECT_FALSE(Matches({.text = "x"}, event)) << message;
  }
}

TEST(LogQueryTest, ConditionsHoldTogether) {
  EXPECT_TRUE(Matches({.outcomes = {"ok"}, .text = "basket"}, Event()));
  EXPECT_FALSE(Matches({.outcomes = {"ok"}, .text = "nowhere"}, Event()));
}

TEST(LogQueryTest, AnOutcomeThatNoEventHasIsToldWithTheNearest) {
  EXPECT_TRUE(CheckLogQuery({.outcomes = {"ok", "exceededCpu"}}));
  const Status checked = CheckLogQuery({.outcomes = {"exeption"}});
  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().message(), HasSubstr("\"exception\""));
}

}  // namespace
}  // namespace caravel::registry
