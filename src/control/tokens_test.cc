// API tokens over the API.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>
#include <set>

#include "control/permission_groups.h"
#include "control/tail_endpoints.h"
#include "control/testing/test_platform.h"
#include "storage/sql_value.h"

namespace caravel::api {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::string_view kTokens = "/accounts/ACCOUNT/tokens";

class TokensApiTest : public ::testing::Test {
 protected:
  TestReply Send(std::string_view method, std::string_view below,
                 std::string body = "") {
    return client_.Send(method, fmt::format("{}{}", kTokens, below),
                        std::move(body));
  }
  TestReply Make(std::string_view name, std::string_view more) {
    return Send("POST", "", fmt::format(R"({{"name":"{}",{}}})", name, more));
  }
  static std::string Text(const TestReply& reply, std::string_view key) {
    return reply.result().at(key).as_string().c_str();
  }
  // The value of a token with these scopes, a JSON list.
  std::string TokenWith(std::string_view scopes) {
    const TestReply made = Make(fmt::format("t{}", ++made_),
                                fmt::format(R"("scopes":{})", scopes));
    EXPECT_EQ(made.status, 200) << made.error();
    return Text(made, "value");
  }
  int StatusWith(std::string token, std::string_view path) {
    client_.set_token(std::move(token));
    const int status = client_.Get(path).status;
    client_.set_token(platform_.token());
    return status;
  }

  TestPlatform platform_;
  TestClient client_{platform_};
  int made_ = 0;
};

TEST_F(TokensApiTest, AValueIsShownOnceAndOpens) {
  const TestReply made =
      Make("ci", R"("scopes":["workers:write"],"expires_on":"2027-01-01")");
  ASSERT_EQ(made.status, 200) << made.error();
  const std::string value = Text(made, "value");
  const std::string id = Text(made, "id");
  EXPECT_EQ(Text(made, "status"), "active");
  EXPECT_EQ(Text(made, "expires_on"), "2027-01-01T00:00:00.000Z");
  EXPECT_EQ(StatusWith(value, "/accounts/ACCOUNT/workers/scripts"), 200);
  for (const TestReply& seen : {Send("GET", ""), Send("GET", "/" + id)}) {
    EXPECT_EQ(seen.status, 200);
    EXPECT_THAT(seen.body, AllOf(HasSubstr(id), Not(HasSubstr(value)),
                                 Not(HasSubstr("\"value\""))));
  }
  EXPECT_EQ(Text(Send("GET", "/" + id), "last_used_on"),
            "2026-11-24T12:00:00.000Z");
}

TEST_F(TokensApiTest, PoliciesSayTheSameAsScopes) {
  const TestReply made = Make("tf", R"("policies":[{"effect":"allow",
      "resources":{"com.cloudflare.api.account.*":"*"},"permission_groups":[
      {"id":"e086da7e2179491d91ee5f35b3ca210a","name":"Workers Scripts Write"},
      {"id":"c8fed203ed3043cba015a93ad1616f1f"}]}])");
  ASSERT_EQ(made.status, 200) << made.error();
  EXPECT_EQ(boost::json::serialize(made.result().at("scopes")),
            R"(["workers:write","zone:read"])");
  const auto& policy = made.result().at("policies").at(0);
  EXPECT_EQ(policy.at("permission_groups").as_array().size(), 2U);
  EXPECT_EQ(policy.at("permission_groups").at(0).at("name"),
            "Workers Scripts Write");
  EXPECT_EQ(policy.at("resources")
                .at("com.cloudflare.api.account." + platform_.account()),
            "*");
}

TEST_F(TokensApiTest, EachScopeHasAGroupOfItsOwn) {
  const TestReply groups = Send("GET", "/permission_groups");
  ASSERT_EQ(groups.status, 200);
  std::set<std::string> ids;
  for (const auto& group : groups.result().as_array()) {
    EXPECT_EQ(group.at("id").as_string().size(), 32U);
    ids.insert(group.at("id").as_string().c_str());
    EXPECT_FALSE(group.at("name").as_string().empty());
  }
  size_t grantable = 0;
  for (const ScopeInfo& info : kScopes) grantable += IsGrantable(info.scope);
  EXPECT_EQ(ids.size(), grantable);
}

TEST_F(TokensApiTest, NobodyGivesMoreThanTheyHave) {
  const std::string maker = TokenWith(R"(["tokens:write","workers:read"])");
  const std::string whole = Text(Make("w", R"("scopes":["zone:write"])"), "id");
  client_.set_token(maker);
  EXPECT_EQ(Make("a", R"("scopes":["workers:read"])").status, 200);
  for (const char* scope : {"workers:write", "zone:read", "*"}) {
    const TestReply refused =
        Make("b", fmt::format(R"("scopes":["{}"])", scope));
    EXPECT_EQ(refused.status, 403) << scope;
    EXPECT_THAT(refused.error(),
                StartsWith(fmt::format("9109 token \"t1\" lacks the scope "
                                       "\"{}\" itself and cannot give it",
                                       scope)));
  }
  // Nor by another value of a token that may more, or by changing one.
  EXPECT_EQ(Send("PUT", "/" + whole + "/value").status, 403);
  EXPECT_EQ(
      Send("PUT", "/" + whole, R"({"name":"w","scopes":["workers:write"]})")
          .status,
      403);
}

TEST_F(TokensApiTest, NobodyGivesLongerThanTheyHave) {
  const std::string whole = Text(Make("w", R"("scopes":["zone:read"])"), "id");
  const TestReply made = Make("short", R"("scopes":["tokens:write","zone:read"],
                  "expires_on":"2026-11-25T00:00:00Z")");
  client_.set_token(Text(made, "value"));
  const std::string own = "/" + Text(made, "id");
  const std::string why =
      "9109 token \"short\" is valid until 2026-11-25T00:00:00.000Z and makes "
      "none that is valid longer";
  EXPECT_THAT(Make("a", R"("scopes":["zone:read"])").error(), StartsWith(why));
  EXPECT_THAT(Make("a", R"("scopes":["zone:read"],
                  "expires_on":"2026-11-25T00:00:01Z")")
                  .error(),
              StartsWith(why));
  EXPECT_EQ(Make("a", R"("scopes":["zone:read"],
                "expires_on":"2026-11-25T00:00:00Z")")
                .status,
            200);
  // Nor by a change of itself, nor by the value of one that is valid longer.
  EXPECT_THAT(
      Send("PUT", own, R"({"name":"short","scopes":["zone:read"]})").error(),
      StartsWith(why));
  EXPECT_THAT(Send("PUT", "/" + whole + "/value", "{}").error(),
              StartsWith(why));
  EXPECT_EQ(Send("PUT", own + "/value", "{}").status, 200);
}

TEST_F(TokensApiTest, EveryTokenIsVerifiedWhateverItMay) {
  const std::string value = TokenWith(R"(["workers:write"])");
  client_.set_token(value);
  EXPECT_EQ(Text(Send("GET", "/verify"), "status"), "active");
  EXPECT_THAT(client_.Get("/user/tokens/verify").error(),
              StartsWith("1000 token \"t1\": is valid, and belongs to an "
                         "account"));
  EXPECT_THAT(client_.Get("/accounts").error(), HasSubstr("lacks the scope"));
}

TEST_F(TokensApiTest, ErrorsAreTextWhateverWasAskedFor) {
  client_.set_token(TokenWith(R"(["tokens:read"])"));
  for (const char* path :
       {"/accounts/%ff/tokens", "/accounts/ACCOUNT/tokens/%c3"}) {
    const TestReply reply = client_.Get(path);
    EXPECT_GE(reply.status, 400) << path;
    EXPECT_TRUE(storage::IsUtf8(reply.body)) << path << reply.body;
  }
  client_.set_token(platform_.token());
  EXPECT_TRUE(storage::IsUtf8(Make("x", R"("scopes":["zone:read"],"status":")" +
                                            std::string(99, 'a') + "\u00e9\"")
                                  .body));
}

TEST_F(TokensApiTest, NoNamePassesForSomebodyElse) {
  EXPECT_THAT(Make("ada@b.test", R"("scopes":["zone:read"])").error(),
              StartsWith("1001 name: must not be an e-mail address"));
  EXPECT_THAT(Make(R"(ci\u009b2J)", R"("scopes":["zone:read"])").error(),
              StartsWith("1001 name: must not have control characters"));
  EXPECT_THAT(Make("bootstrap ", R"("scopes":["zone:read"])").error(),
              StartsWith("1001 name: must not begin or end with a space"));
  const std::string id = Text(Make("ci", R"("scopes":["zone:read"])"), "id");
  EXPECT_THAT(
      Send("PUT", "/" + id, R"({"name":"a@b","scopes":["zone:read"]})").error(),
      StartsWith("1001 name: must not be an e-mail address"));
}

TEST_F(TokensApiTest, AFollowedLogEndsWithTheToken) {
  ASSERT_EQ(client_.Put("hello").status, 200);
  const auto follow = [&](const std::string& value) {
    client_.set_token(value);
    const TestReply tail = client_.Send(
        "POST", "/accounts/ACCOUNT/workers/scripts/hello/tails", "{}");
    EXPECT_EQ(tail.status, 200) << tail.error();
    client_.set_token(platform_.token());
    return Text(tail, "id");
  };
  const auto made = [&](std::string_view name) {
    return Make(name, R"("scopes":["workers_tail:read"])");
  };
  const TestReply removed = made("removed");
  const TestReply rolled = made("rolled");
  const TestReply disabled = made("disabled");
  const std::string of_removed = follow(Text(removed, "value"));
  const std::string of_rolled = follow(Text(rolled, "value"));
  const std::string of_disabled = follow(Text(disabled, "value"));
  EXPECT_TRUE(platform_.tails().IsThere(of_removed));
  Send("DELETE", "/" + Text(removed, "id"));
  EXPECT_FALSE(platform_.tails().IsThere(of_removed));
  EXPECT_TRUE(platform_.tails().IsThere(of_rolled));
  Send("PUT", "/" + Text(rolled, "id") + "/value", "{}");
  EXPECT_FALSE(platform_.tails().IsThere(of_rolled));
  Send("PUT", "/" + Text(disabled, "id"),
       R"({"name":"disabled","scopes":["zone:read"],"status":"disabled"})");
  EXPECT_FALSE(platform_.tails().IsThere(of_disabled));
}

TEST_F(TokensApiTest, NoLogIsFollowedBehindTheEndOfTheToken) {
  ASSERT_EQ(client_.Put("hello").status, 200);
  const TestReply made = Make("ci", R"("scopes":["workers_tail:read"])");
  registry::Tokens& tokens = platform_.registry().tokens();
  const Services services = platform_.services();
  const registry::AccountId account{platform_.account()};
  Caller caller{.services = services,
                .owner = tokens.Find(Text(made, "value")).value().owner,
                .account = account,
                .source = "api"};
  const ScriptPath path{.account_id = account.value, .script_name = "hello"};
  EXPECT_TRUE(PostTail(caller, path, {}));
  Send("DELETE", "/" + Text(made, "id"));
  const auto late = PostTail(caller, path, {});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().message(),
            "token \"ci\" has just ended, or may less now");
  EXPECT_TRUE(platform_.tails().Tailed().empty());
}

TEST_F(TokensApiTest, AWholeTokenOfTheAccountIsMadeByTheOperatorOnly) {
  EXPECT_EQ(Make("admin", R"("scopes":["*"])").status, 200);
}

TEST_F(TokensApiTest, AnExpiredOrDisabledTokenIsToldWhy) {
  const TestReply made = Make("ci", R"("scopes":["account:read","user:read"],
      "expires_on":"2026-11-24T13:00:00Z")");
  const std::string value = Text(made, "value");
  const std::string id = Text(made, "id");
  client_.set_token(value);
  const TestReply verified = Send("GET", "/verify");
  EXPECT_EQ(Text(verified, "status"), "active");
  EXPECT_EQ(Text(verified, "expires_on"), "2026-11-24T13:00:00.000Z");

  platform_.clock().Advance(std::chrono::hours(1));
  const TestReply expired = client_.Get("/accounts");
  EXPECT_EQ(expired.status, 401);
  EXPECT_THAT(expired.error(),
              AllOf(StartsWith("10000 Authentication error: API token \"ci\" "
                               "expired at 2026-11-24T13:00:00.000Z"),
                    HasSubstr("caravel token create")));
  EXPECT_THAT(client_.Get("/user/tokens/verify").error(), StartsWith("1000 "));

  client_.set_token(platform_.token());
  EXPECT_EQ(Text(Send("GET", "/" + id), "status"), "expired");
  ASSERT_EQ(Send("PUT", "/" + id,
                 R"({"name":"ci","scopes":["account:read"],
                     "status":"disabled"})")
                .status,
            200);
  client_.set_token(value);
  EXPECT_THAT(client_.Get("/accounts").error(),
              StartsWith("10000 Authentication error: API token \"ci\" is "
                         "disabled"));
  client_.set_token(platform_.token());
  ASSERT_EQ(Send("PUT", "/" + id,
                 R"({"name":"ci","scopes":["account:read"],
                     "not_before":"2026-11-25"})")
                .status,
            200);
  client_.set_token(value);
  EXPECT_THAT(client_.Get("/accounts").error(),
              HasSubstr("is not valid before 2026-11-25T00:00:00.000Z"));
}

TEST_F(TokensApiTest, ARolledTokenHasAnotherValue) {
  const TestReply made = Make("ci", R"("scopes":["account:read"])");
  const TestReply rolled = Send("PUT", "/" + Text(made, "id") + "/value", "{}");
  ASSERT_EQ(rolled.status, 200);
  EXPECT_EQ(StatusWith(Text(made, "value"), "/accounts"), 401);
  EXPECT_EQ(StatusWith(rolled.result().as_string().c_str(), "/accounts"), 200);
}

TEST_F(TokensApiTest, ARemovedTokenOpensNothing) {
  const TestReply made = Make("ci", R"("scopes":["account:read"])");
  EXPECT_EQ(Send("DELETE", "/" + Text(made, "id")).status, 200);
  EXPECT_EQ(StatusWith(Text(made, "value"), "/accounts"), 401);
  EXPECT_THAT(Send("DELETE", "/" + Text(made, "id")).error(),
              StartsWith("1003 "));
}

TEST_F(TokensApiTest, WhatIsWrongIsNamed) {
  EXPECT_THAT(Make("x", R"("scopes":["worker:write"])").error(),
              StartsWith("1001 scope \"worker:write\" does not exist (did you "
                         "mean \"workers:write\"?)"));
  EXPECT_THAT(Make("x", R"("scopes":["session:write"])").error(),
              HasSubstr("does not exist"));
  EXPECT_THAT(Make("x", R"("scopes":[])").error(),
              StartsWith("1001 token \"x\": may do nothing"));
  EXPECT_THAT(
      Make("x", R"("scopes":["zone:read"],"expires_on":"2026-11-24")").error(),
      HasSubstr("expires_on: 2026-11-24T00:00:00.000Z has passed"));
  EXPECT_THAT(
      Make("x", R"("scopes":["zone:read"],"expires_on":"soon")").error(),
      HasSubstr("expires_on: \"soon\" is no time"));
  EXPECT_THAT(Make("x", R"("scopes":["zone:read"],"status":"off")").error(),
              HasSubstr("status: \"off\" is not one of active, disabled"));
  EXPECT_THAT(Make("x", R"("scopes":["zone:read"],
                  "condition":{"request_ip":{"in":["10.0.0.0/8"]}})")
                  .error(),
              HasSubstr("condition: limits on the address"));
  EXPECT_THAT(Make("x", R"("policies":[{"effect":"deny","resources":{},
                  "permission_groups":[]}])")
                  .error(),
              HasSubstr("policies[0].effect: \"deny\" is not built"));
  EXPECT_THAT(Make("x", R"("policies":[{"effect":"allow","resources":{
                  "com.cloudflare.api.account.zone.abc":"*"},
                  "permission_groups":[]}])")
                  .error(),
              HasSubstr("less than that is not built"));
  EXPECT_THAT(Make("x", R"("policies":[{"effect":"allow","resources":{},
                  "permission_groups":[]}])")
                  .error(),
              StartsWith("1001 policies[0].resources: names nothing"));
  EXPECT_THAT(Make("x", R"("policies":[{"effect":"allow","resources":{
                  "com.cloudflare.api.account.*":{
                    "com.cloudflare.api.account.zone.*":"*"}},
                  "permission_groups":[
                    {"id":"e086da7e2179491d91ee5f35b3ca210a"}]}])")
                  .error(),
              HasSubstr("\"Workers Scripts Write\" is of accounts, and the "
                        "policy is for zones"));
  EXPECT_THAT(Make("x", R"("policies":[{"effect":"allow","resources":{
                  "com.cloudflare.api.account.*":"*"},
                  "permission_groups":[{"id":"1","name":"DNS Write"}]}])")
                  .error(),
              HasSubstr("\"1\" (DNS Write) is none that Caravel has"));
  EXPECT_THAT(Make("bootstrap", R"("scopes":["zone:read"])").error(),
              StartsWith("1005 "));
}

}  // namespace
}  // namespace caravel::api
