// Zones, routes and custom domains over the API.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "control/testing/test_platform.h"

namespace caravel::api {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class ZonesApiTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(client_.Put("shop", kMetadata).status, 200);
    ASSERT_EQ(client_.Put("other", kMetadata).status, 200);
  }

  static constexpr std::string_view kMetadata =
      R"({"main_module":"index.js","compatibility_date":"2026-01-01"})";
  static constexpr std::string_view kRoutes =
      "/accounts/ACCOUNT/workers/scripts/shop/routes";

  TestReply Send(std::string_view method, std::string_view path,
                 std::string body = "") {
    return client_.Send(method, path, std::move(body));
  }
  std::string AddZone(std::string_view name, std::string_view origin = "") {
    const TestReply reply =
        Send("POST", "/zones",
             fmt::format(R"({{"name":"{}","origin":"{}"}})", name, origin));
    EXPECT_EQ(reply.status, 200) << reply.error();
    return reply.json.at("result").at("id").as_string().c_str();
  }
  const boost::json::array& List(const TestReply& reply) {
    return reply.json.at("result").as_array();
  }

  TestPlatform platform_;
  TestClient client_{platform_};
};

TEST_F(ZonesApiTest, AZoneIsFoundByNameAsWranglerAsks) {
  const std::string id = AddZone("example.com", "https://192.0.2.5");
  AddZone("example.org");
  const TestReply found =
      Send("GET", "/zones?name=example.com&account.id=" + platform_.account() +
                      "&page=1");
  ASSERT_EQ(List(found).size(), 1U);
  EXPECT_EQ(List(found)[0].at("id").as_string(), id);
  EXPECT_EQ(List(found)[0].at("status"), "active");
  EXPECT_EQ(found.json.at("result_info").at("total_count"), 1);
  EXPECT_EQ(List(Send("GET", "/zones")).size(), 2U);
  EXPECT_TRUE(List(Send("GET", "/zones?account.id=another")).empty());
  EXPECT_TRUE(List(Send("GET", "/zones?name=www.example.com")).empty());
}

TEST_F(ZonesApiTest, AnOriginIsSetChangedAndTakenAway) {
  const std::string id = AddZone("example.com");
  const std::string path = "/zones/" + id;
  EXPECT_EQ(Send("PATCH", path, R"({"origin":"http://192.0.2.5:81"})")
                .json.at("result")
                .at("origin"),
            "http://192.0.2.5:81");
  EXPECT_THAT(Send("PATCH", path, R"({"origin":"192.0.2.5"})").error(),
              AllOf(StartsWith("1003 "), HasSubstr("http://HOST:PORT")));
  EXPECT_EQ(Send("GET", path).json.at("result").at("origin"),
            "http://192.0.2.5:81");
  EXPECT_EQ(Send("DELETE", path).status, 200);
  EXPECT_THAT(Send("GET", path).error(), StartsWith("7003 "));
}

TEST_F(ZonesApiTest, OnlyTheFirstAccountsWholeTokenTrustsAnOrigin) {
  EXPECT_EQ(
      Send("POST", "/zones", R"({"name":"a.test","origin":"http://10.0.0.5"})")
          .json.at("result")
          .at("trusted_origin"),
      true);
  client_.set_token(platform_.registry()
                        .tokens()
                        .Replace({platform_.account()}, "zones", {"zone:write"})
                        .value());
  EXPECT_EQ(
      Send("POST", "/zones", R"({"name":"b.test","origin":"http://10.0.0.5"})")
          .json.at("result")
          .at("trusted_origin"),
      false);
}

TEST_F(ZonesApiTest, RoutesOfAWorkerAreReplaced) {
  const std::string zone = AddZone("example.com");
  const std::string in_zone = "/zones/" + zone + "/workers/routes";
  const uint64_t before = platform_.observer().newest();
  ASSERT_EQ(Send("PUT", kRoutes,
                 R"([{"pattern":"example.com/*","zone_name":"example.com"},
                     {"pattern":"*.example.com/a","custom":1}])")
                .status,
            200);
  EXPECT_GT(platform_.observer().newest(), before);
  ASSERT_EQ(List(Send("GET", in_zone)).size(), 2U);
  EXPECT_EQ(List(Send("GET", in_zone))[0].at("script"), "shop");
  EXPECT_EQ(Send("PUT", kRoutes, "[]").status, 200);
  EXPECT_TRUE(List(Send("GET", kRoutes)).empty());
}

TEST_F(ZonesApiTest, ARouteOfAnotherWorkerIsToldByName) {
  AddZone("example.com");
  ASSERT_EQ(Send("PUT", kRoutes, R"([{"pattern":"example.com/*"}])").status,
            200);
  const TestReply taken =
      Send("PUT", "/accounts/ACCOUNT/workers/scripts/other/routes",
           R"([{"pattern":"example.com/*"}])");
  EXPECT_THAT(taken.error(),
              AllOf(StartsWith("10020 "), HasSubstr("Worker \"shop\"")));
}

TEST_F(ZonesApiTest, RoutesOfAZoneAreKeptOneByOne) {
  const std::string path =
      "/zones/" + AddZone("example.com") + "/workers/routes";
  const TestReply made =
      Send("POST", path, R"({"pattern":"example.com/*","script":"shop"})");
  ASSERT_EQ(made.status, 200) << made.error();
  const std::string one =
      path + "/" + made.json.at("result").at("id").as_string().c_str();
  EXPECT_EQ(Send("PUT", one, R"({"pattern":"example.com/b*"})").status, 200);
  const TestReply seen = Send("GET", one);
  EXPECT_EQ(seen.json.at("result").at("pattern"), "example.com/b*");
  EXPECT_FALSE(seen.json.at("result").as_object().contains("script"));
  EXPECT_EQ(Send("DELETE", one).status, 200);
  EXPECT_EQ(Send("GET", one).status, 404);
}

TEST_F(ZonesApiTest, DomainsAreSetInTheStepsOfWrangler) {
  AddZone("example.com");
  const std::string of = "/accounts/ACCOUNT/workers/scripts/shop/domains/";
  const std::string origins = R"([{"hostname":"shop.example.com"}])";
  const TestReply changes =
      Send("POST", of + "changeset?replace_state=true", origins);
  ASSERT_EQ(changes.status, 200) << changes.error();
  EXPECT_EQ(changes.json.at("result").at("added").as_array().size(), 1U);
  const std::string records =
      R"({"override_scope":true,"override_existing_origin":false,)"
      R"("override_existing_dns_record":false,"origins":)" +
      origins + "}";
  ASSERT_EQ(Send("PUT", of + "records", records).status, 200);
  const TestReply listed =
      Send("GET", "/accounts/ACCOUNT/workers/domains?service=shop");
  ASSERT_EQ(List(listed).size(), 1U);
  const std::string id = List(listed)[0].at("id").as_string().c_str();
  EXPECT_EQ(Send("GET", "/accounts/ACCOUNT/workers/domains/records/" + id)
                .json.at("result")
                .at("service"),
            "shop");

  const std::string others = "/accounts/ACCOUNT/workers/scripts/other/domains/";
  const TestReply modified =
      Send("POST", others + "changeset?replace_state=true", origins);
  const auto& updated = modified.json.at("result").at("updated").as_array();
  ASSERT_EQ(updated.size(), 1U);
  EXPECT_EQ(updated[0].at("modified"), true);
  EXPECT_THAT(Send("PUT", others + "records", records).error(),
              AllOf(StartsWith("100117 "), HasSubstr("Worker \"shop\"")));

  EXPECT_EQ(Send("PUT", of + "records", R"({"origins":[]})").status, 200);
  EXPECT_TRUE(List(Send("GET", "/accounts/ACCOUNT/workers/domains")).empty());
}

TEST_F(ZonesApiTest, ADomainIsGivenAndTakenAlone) {
  AddZone("example.com");
  const std::string path = "/accounts/ACCOUNT/workers/domains";
  const TestReply put =
      Send("PUT", path, R"({"hostname":"a.example.com","service":"shop"})");
  ASSERT_EQ(put.status, 200) << put.error();
  const std::string one =
      path + "/" + put.json.at("result").at("id").as_string().c_str();
  EXPECT_EQ(Send("DELETE", one).status, 200);
  EXPECT_EQ(Send("DELETE", one).status, 404);
}

TEST_F(ZonesApiTest, WhatOfDomainsIsNotBuiltIsRefused) {
  AddZone("example.com");
  for (const char* more :
       {R"("enabled":false)", R"("previews_enabled":true)"}) {
    EXPECT_THAT(
        Send("PUT", "/accounts/ACCOUNT/workers/scripts/shop/domains/records",
             fmt::format(R"({{"origins":[{{"hostname":"a.example.com",{}}}]}})",
                         more))
            .error(),
        HasSubstr("not built in Caravel yet"));
  }
}

}  // namespace
}  // namespace caravel::api
