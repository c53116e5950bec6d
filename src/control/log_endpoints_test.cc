#include "control/log_endpoints.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "control/testing/test_platform.h"

namespace caravel::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class LogEndpointsTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"shop", "mail"}) {
      ASSERT_EQ(client_.Put(name).status, 200) << name;
    }
  }

  void Log(const std::string& worker, const std::string& id, uint16_t status,
           const std::string& line = {}) {
    const registry::AccountId account{platform_.account()};
    registry::LogEvent event;
    event.worker = platform_.registry().GetWorker(account, worker).value().id;
    event.request_id = id;
    event.outcome = status >= 500 ? "exception" : "ok";
    event.status = status;
    event.url = "http://" + worker + ".localhost/" + id;
    if (!line.empty()) event.logs = {{"log", line, 0}};
    platform_.logs().Append(std::move(event));
  }

  static std::vector<std::string> Ids(const TestReply& reply) {
    std::vector<std::string> ids;
    for (const boost::json::value& event : reply.result().as_array()) {
      ids.emplace_back(event.at("requestId").as_string());
    }
    return ids;
  }

  TestReply Ask(const std::string& query) {
    return client_.Get("/accounts/ACCOUNT/workers/logs" + query);
  }

  TestPlatform platform_;
  TestClient client_{platform_};
};

TEST_F(LogEndpointsTest, NewestFirstWithTheNamesOfTheirWorkers) {
  Log("shop", "1", 200);
  Log("mail", "2", 200);
  const TestReply reply = Ask("");
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_THAT(Ids(reply), ElementsAre("2", "1"));
  EXPECT_EQ(reply.result().at(0).at("scriptName"), "mail");
}

TEST_F(LogEndpointsTest, EachParameterIsACondition) {
  Log("shop", "1", 200);
  Log("shop", "2", 404);
  Log("mail", "3", 500);
  EXPECT_THAT(Ids(Ask("?worker=shop")), ElementsAre("2", "1"));
  EXPECT_THAT(Ids(Ask("?status=404,5xx")), ElementsAre("3", "2"));
  EXPECT_THAT(Ids(Ask("?outcome=exception")), ElementsAre("3"));
  EXPECT_THAT(Ids(Ask("?search=SHOP.localhost")), ElementsAre("2", "1"));
  EXPECT_THAT(Ids(Ask("?request_id=1")), ElementsAre("1"));
  EXPECT_THAT(Ids(Ask("?until=1971-01-01T00:00:00Z&status=404")),
              ElementsAre("2"));
  EXPECT_TRUE(Ids(Ask("?since=2026-01-01")).empty());
}

TEST_F(LogEndpointsTest, ACursorLeadsThroughAll) {
  for (int i = 1; i <= 7; ++i)
    Log(i % 2 == 0 ? "mail" : "shop", std::to_string(i), 200);
  std::vector<std::string> all;
  std::string cursor;
  do {
    const TestReply reply = Ask("?worker=shop&limit=3&cursor=" + cursor);
    ASSERT_EQ(reply.status, 200) << reply.body;
    std::ranges::move(Ids(reply), std::back_inserter(all));
    cursor = reply.json.at("result_info").at("cursor").as_string();
  } while (!cursor.empty());
  EXPECT_THAT(all, ElementsAre("7", "5", "3", "1"));
}

TEST_F(LogEndpointsTest, AnAnswerEndsWhereItIsLarge) {
  const std::string line(3 << 20, 'x');
  for (const char* id : {"1", "2", "3"}) Log("shop", id, 200, line);
  const TestReply reply = Ask("?limit=9");
  EXPECT_THAT(Ids(reply), ElementsAre("3", "2"));
  const std::string cursor(
      reply.json.at("result_info").at("cursor").as_string());
  EXPECT_THAT(Ids(Ask("?limit=9&cursor=" + cursor)), ElementsAre("1"));
}

TEST_F(LogEndpointsTest, WhatIsWrongIsNamed) {
  EXPECT_THAT(Ask("?worker=none").error(), HasSubstr("10007"));
  EXPECT_THAT(Ask("?status=okay").error(), HasSubstr("okay"));
  EXPECT_THAT(Ask("?outcome=exeption").error(), HasSubstr("\"exception\""));
  EXPECT_THAT(Ask("?since=noon").error(), HasSubstr("noon"));
  EXPECT_THAT(Ask("?cursor=xyz").error(), HasSubstr("xyz"));
  EXPECT_THAT(Ask("?limit=0").error(), HasSubstr("limit"));
}

}  // namespace
}  // namespace caravel::api
