#include "control/endpoints.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>

#include "control/openapi.h"
#include "control/roles.h"
#include "control/testing/test_platform.h"

// What must be true of every endpoint, by walking the list.
namespace caravel::api {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(EndpointsTest, EachHasASummaryAndAScope) {
  for (const EndpointInfo& endpoint : Endpoints()) {
    EXPECT_FALSE(endpoint.summary.empty()) << endpoint.path;
    EXPECT_FALSE(endpoint.summary.ends_with('.')) << endpoint.path;
    EXPECT_THAT(endpoint.path, StartsWith("/"));
    // Only the document of the API is for everybody.
    EXPECT_EQ(endpoint.scope == Scope::kPublic,
              endpoint.path == "/openapi.json")
        << endpoint.path;
    // A tail changes nothing, though it is begun and ended; nor does a question
    // that is too long for a query.
    EXPECT_EQ(endpoint.method == Method::kGet ||
                  endpoint.path.ends_with("/bulk/get") ||
                  endpoint.scope == Scope::kWorkersTail ||
                  ScopeName(endpoint.scope).empty(),
              !ScopeName(endpoint.scope).ends_with(":write"))
        << endpoint.path;
  }
}

TEST(EndpointsTest, EachExampleIsValid) {
  for (const EndpointInfo& endpoint : Endpoints()) {
    const Status status = endpoint.check_example();
    EXPECT_TRUE(status) << MethodName(endpoint.method) << " " << endpoint.path
                        << ": " << (status ? "" : status.error().ToText());
  }
}

TEST(EndpointsTest, NoTwoAreTheSame) {
  std::set<std::string> seen;
  for (const EndpointInfo& endpoint : Endpoints()) {
    EXPECT_TRUE(seen.insert(fmt::format("{} {}", MethodName(endpoint.method),
                                        endpoint.path))
                    .second)
        << endpoint.path;
  }
}

// docs/compatibility.md holds ApiTable() between two marks. To bring it up to
// date run this test with CARAVEL_UPDATE_DOCS=1.
TEST(EndpointsTest, TheDocumentationListsThem) {
  constexpr std::string_view kBegin = "<!-- endpoints -->\n";
  constexpr std::string_view kEnd = "<!-- /endpoints -->\n";
  const std::string path = CARAVEL_SOURCE_DIR "/docs/compatibility.md";
  std::string text;
  std::getline(std::ifstream(path), text, '\0');
  const size_t begin = text.find(kBegin) + kBegin.size();
  const size_t end = text.find(kEnd);
  ASSERT_LE(begin, end) << path << " has no place for the endpoints";
  const std::string table = ApiTable(Endpoints());
  if (std::getenv("CARAVEL_UPDATE_DOCS") != nullptr) {
    std::ofstream(path) << text.replace(begin, end - begin, table);
    return;
  }
  EXPECT_EQ(text.substr(begin, end - begin), table)
      << "run control_test with CARAVEL_UPDATE_DOCS=1 to bring " << path
      << " up to date";
}

// A path of the endpoint, with "x" for what is not the account.
std::string ExamplePath(std::string_view path) {
  std::string text;
  while (!path.empty()) {
    const size_t open = std::min(path.find('{'), path.size());
    text += path.substr(0, open);
    path.remove_prefix(open);
    if (path.empty()) break;
    const size_t close = path.find('}');
    text += path.substr(0, close + 1) == "{account_id}" ? "ACCOUNT" : "x";
    path.remove_prefix(close + 1);
  }
  return text;
}

class EveryEndpointTest : public ::testing::Test {
 protected:
  TestReply Send(const EndpointInfo& endpoint) {
    return client_.Send(MethodName(endpoint.method),
                        ExamplePath(endpoint.path));
  }

  TestPlatform platform_;
  TestClient client_{platform_};
};

TEST_F(EveryEndpointTest, RefusesWithoutAToken) {
  client_.set_token("");
  for (const EndpointInfo& endpoint : Endpoints()) {
    if (endpoint.scope == Scope::kPublic) continue;
    const TestReply reply = Send(endpoint);
    EXPECT_EQ(reply.status, 401) << endpoint.path;
    EXPECT_THAT(reply.error(), StartsWith("9106 ")) << endpoint.path;
  }
}

TEST_F(EveryEndpointTest, RefusesAnUnknownToken) {
  client_.set_token("0123456789");
  for (const EndpointInfo& endpoint : Endpoints()) {
    if (endpoint.scope == Scope::kPublic) continue;
    // Where a token is verified, wrangler decides by another number.
    const bool verifies = endpoint.path.ends_with("/tokens/verify");
    EXPECT_THAT(Send(endpoint).error(),
                StartsWith(verifies ? "1000 " : "10000 "))
        << endpoint.path;
  }
}

TEST_F(EveryEndpointTest, RefusesATokenWithoutTheScope) {
  client_.set_token(platform_.registry()
                        .tokens()
                        .Replace({platform_.account()}, "bare", {"none"})
                        .value());
  for (const EndpointInfo& endpoint : Endpoints()) {
    if (ScopeName(endpoint.scope).empty()) continue;
    if (endpoint.scope == Scope::kUploadSession) {  // takes no such token
      EXPECT_EQ(Send(endpoint).status, 401) << endpoint.path;
      continue;
    }
    EXPECT_THAT(Send(endpoint).error(),
                HasSubstr(fmt::format("lacks the scope \"{}\"",
                                      ScopeName(endpoint.scope))))
        << endpoint.path;
  }
}

// An account with everything in it that a path can name, and another's tokens.
class ForeignIdsTest : public EveryEndpointTest {
 protected:
  void SetUp() override {
    ASSERT_EQ(client_.Put("owned-worker").status, 200);
    constexpr std::string_view kScript =
        "/accounts/ACCOUNT/workers/scripts/owned-worker";
    ids_ = {{"account_id", platform_.account()},
            {"script_name", "owned-worker"},
            {"worker", "owned-worker"},
            {"service", "owned-worker"},
            {"secret_name", "OWNED_SECRET"},
            {"key_name", "owned-key"},
            {"version_id", IdOf(fmt::format("{}/versions", kScript), "items")},
            {"deployment_id",
             IdOf(fmt::format("{}/deployments", kScript), "deployments")},
            {"zone_id", Made("/zones", R"({"name":"owned.test"})")},
            {"namespace_id", Made("/accounts/ACCOUNT/storage/kv/namespaces",
                                  R"({"title":"owned-namespace"})")},
            {"member_id", Made("/accounts/ACCOUNT/members",
                               R"({"email":"owner@owned.test",
                                   "role":"reader"})")},
            {"token_id", Made("/accounts/ACCOUNT/tokens",
                              R"({"name":"owned","scopes":["zone:read"]})")},
            {"tail_id", Made(fmt::format("{}/tails", kScript), "{}")}};
    ids_["route_id"] =
        Made(fmt::format("/zones/{}/workers/routes", ids_["zone_id"]),
             R"({"pattern":"owned.test/*","script":"owned-worker"})");
    const TestReply domain =
        client_.Send("PUT", "/accounts/ACCOUNT/workers/domains",
                     R"({"hostname":"www.owned.test",
                         "service":"owned-worker","zone_name":"owned.test"})");
    ASSERT_EQ(domain.status, 200) << domain.error();
    ids_["domain_id"] = domain.result().at("id").as_string().c_str();
    const TestReply other =
        client_.Send("POST", "/accounts", R"({"name":"Other"})");
    ASSERT_EQ(other.status, 200) << other.error();
    other_ = other.result().at("id").as_string().c_str();
  }

  std::string Made(std::string_view path, std::string_view body) {
    const TestReply reply = client_.Send("POST", path, std::string(body));
    EXPECT_EQ(reply.status, 200) << path << ": " << reply.error();
    return reply.result().at("id").as_string().c_str();
  }
  std::string IdOf(std::string_view path, std::string_view list) {
    return client_.Get(path)
        .result()
        .at(list)
        .at(0)
        .at("id")
        .as_string()
        .c_str();
  }
  // The endpoint's path with the ids of the first account, below `account`.
  std::string PathIn(const EndpointInfo& endpoint, const std::string& account) {
    std::string path(endpoint.path);
    for (size_t open = path.find('{'); open != std::string::npos;
         open = path.find('{')) {
      const size_t close = path.find('}', open);
      const std::string name = path.substr(open + 1, close - open - 1);
      EXPECT_TRUE(ids_.contains(name)) << "the test makes no " << name;
      path.replace(open, close - open + 1,
                   name == "account_id" ? account : ids_[name]);
    }
    return path;
  }
  TestReply SendWell(const EndpointInfo& endpoint, const std::string& path) {
    const std::string example(endpoint.example);
    if (endpoint.lane == Lane::kUploads) {
      return client_.Upload(MethodName(endpoint.method), path, example,
                            {kIndexModule});
    }
    return client_.Send(MethodName(endpoint.method), path, example);
  }
  // With the token everything that is the first account's is as if it were not.
  void ExpectNothingIsFound(const std::string& token) {
    for (const EndpointInfo& endpoint : Endpoints()) {
      if (endpoint.scope == Scope::kPublic ||
          endpoint.scope == Scope::kUploadSession) {
        continue;
      }
      client_.set_token(token);
      const std::string what =
          fmt::format("{} {}", MethodName(endpoint.method), endpoint.path);
      if (endpoint.in_account) {
        const TestReply reply =
            SendWell(endpoint, PathIn(endpoint, platform_.account()));
        EXPECT_EQ(reply.status, 404) << what << ": " << reply.body;
        EXPECT_THAT(reply.error(), StartsWith("7003 account ")) << what;
      } else if (endpoint.path.find("{zone_id}") != std::string_view::npos) {
        const TestReply reply = SendWell(endpoint, PathIn(endpoint, ""));
        EXPECT_EQ(reply.status, 404) << what << ": " << reply.body;
      }
      // The ids below another account's path, and lists.
      const TestReply reply = SendWell(endpoint, PathIn(endpoint, other_));
      const bool of_platform = endpoint.scope == Scope::kPlatformWrite;
      if (!of_platform && endpoint.path != "/user") {
        EXPECT_NE(reply.status, 403) << what << ": " << reply.body;
      }
      // The audit log repeats which paths were asked for.
      if (endpoint.method == Method::kGet &&
          !endpoint.path.ends_with("/logs/audit")) {
        for (const char* name :
             {"version_id", "deployment_id", "zone_id", "namespace_id",
              "member_id", "token_id", "route_id", "domain_id"}) {
          const bool repeats = endpoint.path.find(fmt::format(
                                   "{{{}}}", name)) != std::string_view::npos;
          EXPECT_TRUE(repeats ||
                      reply.body.find(ids_[name]) == std::string::npos)
              << what << ": " << reply.body;
        }
      }
    }
  }
  // All that was made is there, untouched.
  void ExpectAllIsThere() {
    client_.set_token(platform_.token());
    for (const EndpointInfo& endpoint : Endpoints()) {
      if (endpoint.method != Method::kGet || endpoint.path == "/user" ||
          endpoint.path.find("{secret_name}") != std::string_view::npos ||
          endpoint.path.find("{key_name}") != std::string_view::npos ||
          endpoint.path == "/user/tokens/verify") {
        continue;
      }
      const TestReply reply =
          client_.Get(PathIn(endpoint, platform_.account()));
      EXPECT_EQ(reply.status, 200) << endpoint.path << ": " << reply.body;
    }
  }

  std::map<std::string, std::string> ids_;
  std::string other_;
};

TEST_F(ForeignIdsTest, AreNotFoundByAnotherAccountsToken) {
  const std::string token =
      platform_.registry().tokens().Replace({other_}, "whole", {"*"}).value();
  ExpectNothingIsFound(token);
  ExpectAllIsThere();
}

TEST_F(ForeignIdsTest, AreNotFoundByAnotherAccountsMember) {
  registry::Registry& registry = platform_.registry();
  registry.members()
      .Add({other_}, "ada@other.test", registry::Role::kAdministrator, true)
      .value();
  const std::string token =
      registry.tokens()
          .Create({other_}, {.name = "ada", .scopes = {"*"}},
                  registry::Tokens::For{.email = "ada@other.test",
                                        .everywhere = true})
          .value()
          .value;
  ExpectNothingIsFound(token);
  ExpectAllIsThere();
}

TEST_F(EveryEndpointTest, RefusesAMemberWhoseRoleLacksTheScope) {
  registry::Registry& registry = platform_.registry();
  const registry::AccountId account{platform_.account()};
  for (const RoleInfo& role : kRoles) {
    const std::string email = fmt::format("{}@b.test", role.key);
    registry.members().Add(account, email, role.role, true).value();
    client_.set_token(
        registry.tokens()
            .Create(account, {.name = email, .scopes = {"*"}},
                    registry::Tokens::For{.email = email, .everywhere = true})
            .value()
            .value);
    for (const EndpointInfo& endpoint : Endpoints()) {
      if (endpoint.scope == Scope::kPublic ||
          endpoint.scope == Scope::kUploadSession ||
          RoleAllows(role.role, endpoint.scope)) {
        continue;
      }
      EXPECT_THAT(Send(endpoint).error(),
                  HasSubstr(fmt::format(
                      "lacks the scope \"{}\": {} is a {} in this account",
                      ScopeName(endpoint.scope), email, role.key)))
          << role.key << " " << endpoint.path;
      EXPECT_THAT(Send(endpoint).error(),
                  HasSubstr(endpoint.scope == Scope::kPlatformWrite
                                ? "a token of the first account"
                                : "--account " + account.value))
          << role.key << " " << endpoint.path;
    }
  }
}

TEST_F(EveryEndpointTest, AnswersUnderNoOtherHost) {
  client_.set_host("rebound.example");
  for (const EndpointInfo& endpoint : Endpoints()) {
    EXPECT_EQ(Send(endpoint).status, 403) << endpoint.path;
  }
}

TEST_F(EveryEndpointTest, OfAWorkerThatIsNotThereSays10007) {
  for (const EndpointInfo& endpoint : Endpoints()) {
    if (endpoint.path.find("{script_name}/") == std::string_view::npos ||
        endpoint.body_limit > 0) {
      continue;
    }
    const TestReply reply = Send(endpoint);
    EXPECT_EQ(reply.status, 404) << endpoint.path;
    EXPECT_THAT(reply.error(), StartsWith("10007 ")) << endpoint.path;
  }
}

TEST_F(EveryEndpointTest, StandsInTheOpenApiDocument) {
  client_.set_token("");
  const TestReply document = client_.Get("/openapi.json");
  ASSERT_EQ(document.status, 200);
  EXPECT_EQ(document.json.at("openapi"), "3.1.0");
  const auto& paths = document.json.at("paths").as_object();
  for (const EndpointInfo& endpoint : Endpoints()) {
    EXPECT_TRUE(paths.contains(endpoint.path)) << endpoint.path;
  }
}

}  // namespace
}  // namespace caravel::api
