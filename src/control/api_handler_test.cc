#include "control/api_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "control/endpoints.h"
#include "control/testing/test_platform.h"

namespace caravel::api {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class ApiHandlerTest : public ::testing::Test {
 protected:
  std::string TokenWith(std::vector<std::string> scopes) {
    return platform_.registry()
        .tokens()
        .Replace({platform_.account()}, "made", scopes)
        .value();
  }

  TestPlatform platform_;
  TestClient client_{platform_};
};

TEST_F(ApiHandlerTest, AWriteScopeIncludesReading) {
  client_.set_token(TokenWith({"workers:write"}));
  EXPECT_EQ(client_.Get("/accounts/ACCOUNT/workers/scripts").status, 200);
  EXPECT_EQ(client_.Put("hello").status, 200);
}

TEST_F(ApiHandlerTest, AReadScopeDoesNotWrite) {
  client_.set_token(TokenWith({"workers:read"}));
  EXPECT_EQ(client_.Get("/accounts/ACCOUNT/workers/scripts").status, 200);
  EXPECT_THAT(client_.Put("hello").error(),
              HasSubstr("lacks the scope \"workers:write\""));
}

TEST_F(ApiHandlerTest, ATokenMayComeAsAnApiKey) {
  const ApiHandler handler(platform_.services(), Endpoints(), {});
  net::RequestHead head;
  head.method = "GET";
  head.authority = "localhost";
  head.target = "/client/v4/accounts";
  head.headers.Add("X-Auth-Email", "somebody@example.com");
  head.headers.Add("X-Auth-Key", platform_.token());
  EXPECT_FALSE(handler.Admit(head).refusal.has_value());
}

TEST_F(ApiHandlerTest, AnotherAccountIsNotTheTokens) {
  const TestReply reply =
      client_.Get("/accounts/00000000000000000000000000000000/workers/scripts");
  EXPECT_EQ(reply.status, 404);
  EXPECT_THAT(reply.error(), StartsWith("7003 account \"0000"));
  EXPECT_THAT(reply.error(),
              HasSubstr(fmt::format(
                  "remove \"account_id\" from the wrangler configuration and "
                  "set CLOUDFLARE_ACCOUNT_ID to {}",
                  platform_.account())));
}

TEST_F(ApiHandlerTest, WhatIsNotBuiltNamesItself) {
  const TestReply queues = client_.Get("/accounts/ACCOUNT/queues?page=1");
  EXPECT_EQ(queues.status, 404);
  EXPECT_EQ(
      queues.error(),
      fmt::format("7000 Queues: not built in Caravel yet (GET "
                  "/accounts/{}/queues)\nwhat asks for it does not work here; "
                  "where that is a deployment, remove what needs it "
                  "from \"queues\" in the wrangler configuration",
                  platform_.account()));
  EXPECT_THAT(
      client_.Send("POST", "/accounts/ACCOUNT/r2/buckets", R"({"title":"x"})")
          .error(),
      HasSubstr("R2: not built in Caravel yet"));
  EXPECT_THAT(client_.Get("/nonsense").error(),
              HasSubstr("7000 GET /nonsense: Caravel's API does not have this "
                        "path"));
}

TEST_F(ApiHandlerTest, ABadTokenIsToldInTheNumberOfItsQuestion) {
  client_.set_token("not-a-token");
  EXPECT_THAT(client_.Get("/accounts").error(),
              HasSubstr("10000 Authentication error: no such API token"));
  const TestReply verified = client_.Get("/user/tokens/verify");
  EXPECT_EQ(verified.status, 401);
  EXPECT_THAT(verified.error(), HasSubstr("1000 Invalid API Token"));
}

TEST_F(ApiHandlerTest, AKnownPathTellsItsMethods) {
  const TestReply reply = client_.Send("PUT", "/accounts");
  EXPECT_EQ(reply.status, 405);
  EXPECT_THAT(reply.error(),
              HasSubstr("7001 PUT /accounts: not available for this path\nit "
                        "has GET"));
}

TEST_F(ApiHandlerTest, AForeignHostIsToldWhatToDo) {
  client_.set_host("rebound.example");
  EXPECT_THAT(client_.Get("/accounts").error(),
              HasSubstr("Host \"rebound.example\": the API answers only under "
                        "loopback names"));
}

TEST_F(ApiHandlerTest, ANameThatCannotBeAWorkersIsRefused) {
  EXPECT_THAT(client_.Put("Hello%20World").error(),
              HasSubstr("10021 script_name: Worker name \"Hello World\": has "
                        "another character"));
}

}  // namespace
}  // namespace caravel::api
