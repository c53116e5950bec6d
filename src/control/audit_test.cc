// The audit log over the API.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "control/testing/test_platform.h"

namespace caravel::api {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class AuditApiTest : public ::testing::Test {
 protected:
  TestReply Log(std::string_view query = "") {
    const std::string own = platform_.token();
    client_.set_token(own);
    TestReply log =
        client_.Get(fmt::format("/accounts/ACCOUNT/logs/audit{}", query));
    EXPECT_EQ(log.status, 200) << log.error();
    return log;
  }
  size_t Count(std::string_view query = "") {
    return Log(query).result().as_array().size();
  }
  boost::json::value Newest() { return Log().result().at(0); }

  TestPlatform platform_;
  TestClient client_{platform_};
};

TEST_F(AuditApiTest, AChangeIsOnRecordWithWhoAndFromWhere) {
  ASSERT_EQ(client_.Put("hello").status, 200);
  const TestReply log = Log();
  ASSERT_EQ(log.result().as_array().size(), 1U);
  const auto& entry = log.result().at(0);
  EXPECT_EQ(entry.at("account").at("id").as_string(), platform_.account());
  EXPECT_EQ(entry.at("action").at("description"),
            "Upload a Worker and send all its requests to the new version");
  EXPECT_EQ(entry.at("action").at("result"), "success");
  EXPECT_EQ(entry.at("action").at("type"), "update");
  EXPECT_EQ(entry.at("action").at("time"), "2026-11-24T12:00:00.000Z");
  EXPECT_EQ(entry.at("actor").at("token_name"), "bootstrap");
  EXPECT_EQ(entry.at("actor").at("ip_address"), "192.0.2.7");
  EXPECT_EQ(entry.at("raw").at("method"), "PUT");
  EXPECT_EQ(entry.at("raw").at("status_code"), 200);
  EXPECT_EQ(entry.at("raw").at("uri").as_string(),
            fmt::format("/client/v4/accounts/{}/workers/scripts/hello",
                        platform_.account()));
  EXPECT_EQ(entry.at("raw").at("user_agent"), "wrangler/4.164.0");
  EXPECT_EQ(entry.at("raw").at("cf_ray_id").as_string().size(), 16U);
}

TEST_F(AuditApiTest, LookingIsNoChange) {
  client_.Get("/accounts/ACCOUNT/workers/scripts");
  client_.Get("/accounts");
  EXPECT_EQ(Count(), 0U);
}

TEST_F(AuditApiTest, WhatFailedOrWasRefusedIsMarked) {
  client_.Send("DELETE", "/accounts/ACCOUNT/workers/scripts/none");
  EXPECT_EQ(Newest().at("action").at("result"), "failure");
  EXPECT_EQ(Newest().at("action").at("refused"), false);
  EXPECT_EQ(Newest().at("raw").at("status_code"), 404);

  client_.set_token(platform_.registry()
                        .tokens()
                        .Replace({platform_.account()}, "bare", {"zone:read"})
                        .value());
  client_.Put("hello");
  const auto refused = Newest();
  EXPECT_EQ(refused.at("action").at("refused"), true);
  EXPECT_EQ(refused.at("actor").at("token_name"), "bare");
  EXPECT_EQ(refused.at("raw").at("status_code"), 403);
  EXPECT_EQ(Count("?action_result=failure"), 2U);
  EXPECT_EQ(Count("?action_result=success"), 0U);
  EXPECT_EQ(Count("?actor=bare"), 1U);
  EXPECT_EQ(Count("?actor_token_name=bootstrap"), 1U);
  EXPECT_EQ(Count("?actor_email=bootstrap"), 0U);
  EXPECT_EQ(Count("?actor_token_name=bare&actor_token_id=x"), 0U);
}

TEST_F(AuditApiTest, WhoHasNoTokenLeavesNoTrace) {
  for (const char* token : {"", "unknown"}) {
    client_.set_token(token);
    client_.Put("hello");
  }
  EXPECT_EQ(Count(), 0U);
}

TEST_F(AuditApiTest, PagesAndTimesChoose) {
  client_.Put("a");
  platform_.clock().Advance(std::chrono::hours(1));
  client_.Put("b");
  client_.Send("DELETE", "/accounts/ACCOUNT/workers/scripts/a");
  EXPECT_EQ(Count("?since=2026-11-24T12:30:00Z"), 2U);
  EXPECT_EQ(Count("?before=2026-11-24T12:30:00Z"), 1U);
  EXPECT_EQ(Count("?raw_method=DELETE"), 1U);
  EXPECT_EQ(Count("?action=Delete%20a%20Worker"), 1U);
  EXPECT_EQ(Count("?action=scripts/b"), 1U);
  const TestReply first = Log("?limit=2&direction=asc");
  ASSERT_EQ(first.result().as_array().size(), 2U);
  const std::string cursor =
      first.json.at("result_info").at("cursor").as_string().c_str();
  const TestReply rest = Log("?limit=2&direction=asc&cursor=" + cursor);
  ASSERT_EQ(rest.result().as_array().size(), 1U);
  EXPECT_EQ(rest.result().at(0).at("raw").at("method"), "DELETE");
  EXPECT_EQ(rest.json.at("result_info").at("cursor"), "");
}

TEST_F(AuditApiTest, NeitherBodyNorQueryIsKept) {
  client_.Send("PUT", "/accounts/ACCOUNT/workers/scripts/none/secrets?a=marked",
               R"({"name":"KEY","text":"marked","type":"secret_text"})");
  const TestReply log = Log();
  EXPECT_EQ(log.result().as_array().size(), 1U);
  EXPECT_THAT(log.body, Not(HasSubstr("marked")));
}

TEST_F(AuditApiTest, WhatIsWrongIsNamed) {
  const auto error = [&](std::string_view query) {
    return client_.Get(fmt::format("/accounts/ACCOUNT/logs/audit{}", query))
        .error();
  };
  EXPECT_THAT(error("?since=soon"), HasSubstr("since \"soon\" is no time"));
  EXPECT_THAT(error("?direction=up"),
              HasSubstr("direction \"up\" is not one of asc, desc"));
  EXPECT_THAT(error("?action_result=x"),
              HasSubstr("action_result \"x\" is not one of success, failure"));
}

}  // namespace
}  // namespace caravel::api
