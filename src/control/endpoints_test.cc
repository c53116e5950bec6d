#include "control/endpoints.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <cstdlib>
#include <fstream>
#include <set>

#include "control/openapi.h"
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
                  endpoint.scope == Scope::kPublic,
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
    if (endpoint.scope == Scope::kPublic) continue;
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
