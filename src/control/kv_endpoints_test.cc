#include "control/kv_endpoints.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "control/testing/test_platform.h"

namespace caravel::api {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr std::string_view kBase = "/accounts/ACCOUNT/storage/kv/namespaces";

class KvEndpointsTest : public ::testing::Test {
 protected:
  void SetUp() override { space_ = Create("cache"); }

  std::string Create(std::string_view title) {
    const TestReply reply =
        client_.Send("POST", kBase, fmt::format(R"({{"title":"{}"}})", title));
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.result().at("id").as_string().c_str();
  }
  // `path` is below the namespace.
  TestReply Send(std::string_view method, std::string_view path,
                 std::string body = {}, std::string content_type = {}) {
    return client_.Send(method, fmt::format("{}/{}{}", kBase, space_, path),
                        std::move(body), std::move(content_type));
  }
  std::vector<std::string> Titles(std::string_view query) {
    const TestReply reply = client_.Get(fmt::format("{}?{}", kBase, query));
    std::vector<std::string> titles;
    for (const auto& space : reply.result().as_array()) {
      titles.emplace_back(space.at("title").as_string());
    }
    return titles;
  }

  TestPlatform platform_;
  TestClient client_{platform_};
  std::string space_;
};

TEST_F(KvEndpointsTest, NamespacesAreListedPageByPageUntilOneIsEmpty) {
  Create("a");
  Create("b");
  EXPECT_THAT(Titles("per_page=2&order=title&direction=asc"),
              ElementsAre("a", "b"));
  EXPECT_THAT(Titles("per_page=2&order=title&direction=asc&page=2"),
              ElementsAre("cache"));
  EXPECT_THAT(Titles("per_page=2&page=3"), IsEmpty());
  EXPECT_THAT(Titles("direction=desc&per_page=1"), ElementsAre("cache"));
  EXPECT_THAT(client_.Get(fmt::format("{}?order=size", kBase)).error(),
              HasSubstr("order \"size\" is not one of"));
}

TEST_F(KvEndpointsTest, ANamespaceHasItsTitleAlone) {
  EXPECT_THAT(
      client_.Send("POST", kBase, R"({"title":"cache"})").error(),
      StartsWith("10014 a namespace with this account ID and title already "
                 "exists"));
  Create("other");
  EXPECT_THAT(Send("PUT", "", R"({"title":"other"})").error(),
              StartsWith("10014 "));
  EXPECT_EQ(Send("PUT", "", R"({"title":"new"})").result().at("title"), "new");
  EXPECT_EQ(Send("GET", "").result().at("title"), "new");
  EXPECT_EQ(Send("DELETE", "").status, 200);
  EXPECT_THAT(Send("GET", "").error(), StartsWith("10013 namespace not found"));
}

TEST_F(KvEndpointsTest, AValueComesBackByteForByte) {
  const std::string value("\0\xFF{}\r\n", 6);
  EXPECT_EQ(Send("PUT", "/values/a%2Fb%20c", value, "text/plain").status, 200);
  const TestReply read = Send("GET", "/values/a%2Fb%20c");
  EXPECT_EQ(read.status, 200);
  EXPECT_EQ(read.body, value);
  EXPECT_EQ(Send("DELETE", "/values/a%2Fb%20c").status, 200);
  const TestReply gone = Send("GET", "/values/a%2Fb%20c");
  EXPECT_EQ(gone.status, 404);
  EXPECT_THAT(gone.error(), StartsWith("10009 key not found: \"a/b c\""));
  EXPECT_EQ(Send("DELETE", "/values/a%2Fb%20c").status, 200);
}

TEST_F(KvEndpointsTest, MetadataComesInAPartBesideTheValue) {
  const std::string body =
      "--X\r\nContent-Disposition: form-data; name=\"value\"\r\n\r\nv\r\n"
      "--X\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n"
      "{\"x\":[1]}\r\n--X--\r\n";
  EXPECT_EQ(Send("PUT", "/values/k?expiration_ttl=60", body,
                 "multipart/form-data; boundary=X")
                .status,
            200);
  EXPECT_EQ(Send("GET", "/values/k").body, "v");
  EXPECT_EQ(boost::json::serialize(Send("GET", "/metadata/k").result()),
            R"({"x":[1]})");
  const auto keys = Send("GET", "/keys").result();
  EXPECT_EQ(boost::json::serialize(keys.at(0).at("metadata")), R"({"x":[1]})");
  EXPECT_TRUE(keys.at(0).at("expiration").is_int64());
  EXPECT_THAT(Send("GET", "/metadata/absent").error(), StartsWith("10009 "));
}

TEST_F(KvEndpointsTest, KeysAreListedByPrefixAndGoOnBehindACursor) {
  for (const char* key : {"a1", "a2", "a3", "b1"}) {
    Send("PUT", fmt::format("/values/{}", key), "v");
  }
  const TestReply first = Send("GET", "/keys?prefix=a&limit=2");
  EXPECT_EQ(boost::json::serialize(first.result()),
            R"([{"name":"a1"},{"name":"a2"}])");
  const std::string cursor(
      first.json.at("result_info").at("cursor").as_string());
  const TestReply second =
      Send("GET", fmt::format("/keys?prefix=a&limit=2&cursor={}", cursor));
  EXPECT_EQ(boost::json::serialize(second.result()), R"([{"name":"a3"}])");
  EXPECT_EQ(second.json.at("result_info").at("cursor"), "");
  EXPECT_THAT(Send("GET", "/keys?cursor=zz").error(), HasSubstr("cursor"));
  EXPECT_THAT(Send("GET", "/keys?limit=1001").error(), HasSubstr("limit"));
}

TEST_F(KvEndpointsTest, ManyAreWrittenReadAndRemovedAtATime) {
  const TestReply put = Send("PUT", "/bulk",
                             R"([{"key":"a","value":"1","metadata":{"m":1}},
               {"key":"b","value":"aGk=","base64":true,"expiration_ttl":60}])");
  EXPECT_EQ(put.status, 200) << put.body;
  EXPECT_EQ(put.result().at("successful_key_count"), 2);
  const TestReply read =
      Send("POST", "/bulk/get", R"({"keys":["a","b","absent"]})");
  EXPECT_EQ(boost::json::serialize(read.result()),
            R"({"values":{"a":"1","absent":null,"b":"hi"}})");
  const TestReply parsed =
      Send("POST", "/bulk/get",
           R"({"keys":["a"],"type":"json","withMetadata":true})");
  EXPECT_EQ(boost::json::serialize(parsed.result()),
            R"({"values":{"a":{"value":1,"metadata":{"m":1}}}})");
  EXPECT_THAT(
      Send("POST", "/bulk/get", R"({"keys":["b"],"type":"json"})").error(),
      HasSubstr("the value of \"b\" is not JSON"));
  EXPECT_EQ(Send("DELETE", "/bulk", R"(["a"])").status, 200);
  EXPECT_EQ(Send("POST", "/bulk/delete", R"(["b"])").status, 200);
  EXPECT_THAT(Send("GET", "/keys").result().as_array(), IsEmpty());
}

TEST_F(KvEndpointsTest, ABulkPutThatIsWrongInOneWritesNone) {
  const TestReply put = Send("PUT", "/bulk",
                             R"([{"key":"a","value":"1"},
                                 {"key":"b","value":"2","expiration_ttl":59}])");
  EXPECT_EQ(put.status, 400);
  EXPECT_THAT(put.error(),
              AllOf(HasSubstr("key \"b\""),
                    HasSubstr("Expiration TTL must be at least 60")));
  EXPECT_EQ(Send("GET", "/values/a").status, 404);
}

TEST_F(KvEndpointsTest, LimitsAreThoseOfWorkers) {
  EXPECT_THAT(Send("PUT", fmt::format("/values/{}", std::string(513, 'k')), "v")
                  .error(),
              HasSubstr("UTF-8 encoded length of 513 exceeds key length limit "
                        "of 512"));
  EXPECT_THAT(Send("PUT", "/values/%2E%2E", "v").error(),
              HasSubstr("illegal key name"));
  EXPECT_THAT(Send("PUT", "/values/%FF", "v").error(), HasSubstr("not UTF-8"));
  EXPECT_THAT(Send("PUT", "/values/k?expiration=5", "v").error(),
              HasSubstr("at least 60 seconds in the future"));
  EXPECT_EQ(
      Send("PUT", "/values/k", std::string(storage::kKvValueBytes, 'v')).status,
      200);
  const TestReply large =
      Send("PUT", "/values/k", std::string(storage::kKvValueBytes + 1, 'v'));
  EXPECT_EQ(large.status, 413);
  EXPECT_THAT(large.error(), StartsWith("10024 Value length of 26214401"));
  EXPECT_THAT(Send("PUT", "/bulk",
                   fmt::format(R"([{{"key":"k","value":"v","metadata":"{}"}}])",
                               std::string(1023, 'm')))
                  .error(),
              HasSubstr("Metadata length of 1025 exceeds limit of 1024"));
}

TEST_F(KvEndpointsTest, WhatIsWrittenIsToldBeforeTheAnswer) {
  Send("PUT", "/values/a", "v");
  EXPECT_THAT(platform_.kv_observer().Take(),
              ElementsAre(registry::KvPlace{space_, "a"}));
  Send("DELETE", "/bulk", R"(["a","b"])");
  EXPECT_THAT(platform_.kv_observer().Take(),
              ElementsAre(registry::KvPlace{space_, "a"},
                          registry::KvPlace{space_, "b"}));
}

TEST_F(KvEndpointsTest, AWorkerIsBoundToANamespaceOfItsAccountOnly) {
  const TestReply refused =
      client_.Put("shop", R"({"main_module":"index.js","bindings":[
        {"name":"KV","type":"kv_namespace","namespace_id":"0123"}]})");
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.error(),
              StartsWith("10041 binding \"KV\": KV namespace '0123' not "
                         "found"));
  const TestReply bound =
      client_.Put("shop", fmt::format(R"({{"main_module":"index.js","bindings":[
        {{"name":"KV","type":"kv_namespace","namespace_id":"{}"}}]}})",
                                      space_));
  EXPECT_EQ(bound.status, 200) << bound.body;
  const TestReply settings =
      client_.Get("/accounts/ACCOUNT/workers/scripts/shop/settings");
  EXPECT_EQ(boost::json::serialize(settings.result().at("bindings")),
            fmt::format(R"([{{"name":"KV","type":"kv_namespace",)"
                        R"("namespace_id":"{}"}}])",
                        space_));
  EXPECT_THAT(Send("DELETE", "").error(),
              AllOf(StartsWith("10052 "), HasSubstr("Worker \"shop\"")));
}

TEST_F(KvEndpointsTest, AWriteThatFailsIsToldToo) {
  ASSERT_TRUE(platform_.database().Transact([](storage::Transaction& change) {
    return change.ExecuteScript(
        "CREATE TRIGGER full BEFORE INSERT ON kv_entries "
        "BEGIN SELECT RAISE(ABORT, 'the disk is full'); END");
  }));
  EXPECT_NE(Send("PUT", "/values/a", "v").status, 200);
  EXPECT_THAT(platform_.kv_observer().Take(),
              ElementsAre(registry::KvPlace{space_, "a"}))
      << "nobody knows what is there";
}

TEST_F(KvEndpointsTest, ADeletedNamespaceIsToldBeforeTheAnswer) {
  EXPECT_EQ(Send("DELETE", "").status, 200);
  EXPECT_THAT(platform_.kv_observer().Take(),
              ElementsAre(registry::KvPlace{space_, ""}));
  EXPECT_EQ(Send("DELETE", "").status, 404);
  EXPECT_THAT(platform_.kv_observer().Take(), IsEmpty());
}

TEST_F(KvEndpointsTest, EntriesEndBeforeClocksDo) {
  EXPECT_THAT(Send("PUT", "/values/k?expiration=9000000001", "v").error(),
              StartsWith("10012 Invalid expiration of 9000000001. It must be "
                         "at most 9000000000."));
}

TEST_F(KvEndpointsTest, ACursorIsNoLongerThanAKey) {
  const std::string longest(1024, 'a');
  EXPECT_EQ(Send("GET", fmt::format("/keys?cursor={}", longest)).status, 200);
  EXPECT_THAT(Send("GET", fmt::format("/keys?cursor={}aa", longest)).error(),
              HasSubstr("cursor"));
}

}  // namespace
}  // namespace caravel::api
