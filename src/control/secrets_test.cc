#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "control/testing/test_platform.h"

// The calls of `wrangler secret …` and `wrangler versions secret …`.
namespace caravel::api {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view kScriptPath =
    "/accounts/ACCOUNT/workers/scripts/hello";
constexpr std::string_view kMergePatch = "application/merge-patch+json";

std::string JsonText(const boost::json::value& value) {
  return boost::json::serialize(value);
}

class SecretsTest : public ::testing::Test {
 protected:
  SecretsTest() {
    EXPECT_EQ(client_
                  .Put("hello", R"({"main_module":"index.js","bindings":[
                       {"name":"TEXT","type":"plain_text","text":"t"}]})")
                  .status,
              200);
    published_ = platform_.observer().newest();
  }

  TestReply Send(std::string_view method, std::string_view below,
                 std::string body = {}, std::string_view type = {}) {
    return client_.Send(method, fmt::format("{}{}", kScriptPath, below),
                        std::move(body), std::string(type));
  }
  TestReply PutSecret(std::string_view name, std::string_view text) {
    return Send("PUT", "/secrets",
                fmt::format(R"({{"name":"{}","text":"{}",
                                "type":"secret_text"}})",
                            name, text),
                "text/plain;charset=UTF-8");
  }
  TestReply PatchLatest(std::string body) {
    return client_.Send(
        "PATCH", "/accounts/ACCOUNT/workers/workers/hello/versions/latest",
        std::move(body), std::string(kMergePatch));
  }
  TestReply PatchSettings(std::string_view settings) {
    return Send("PATCH", "/settings",
                fmt::format("--b\r\nContent-Disposition: form-data; "
                            "name=\"settings\"\r\n\r\n{}\r\n--b--\r\n",
                            settings),
                "multipart/form-data; boundary=b");
  }
  // The secrets that requests find, "A=a B=b".
  std::string Served() {
    const auto snapshot = platform_.registry().LoadSnapshot().value();
    std::string text;
    for (const auto& binding : snapshot.workers.at(0).versions.at(0).bindings) {
      if (binding.type != registry::BindingType::kSecretText) continue;
      if (!text.empty()) text += ' ';
      text += binding.name + '=' + binding.text;
    }
    return text;
  }
  bool IsPublished() { return platform_.observer().newest() > published_; }

  TestPlatform platform_;
  TestClient client_{platform_};
  uint64_t published_ = 0;
};

TEST_F(SecretsTest, APutIsSeenByRequestsAndShownWithoutItsText) {
  const TestReply reply = PutSecret("KEY", "hidden");
  ASSERT_EQ(reply.status, 200) << JsonText(reply.json);
  EXPECT_EQ(JsonText(reply.result()), R"({"name":"KEY","type":"secret_text"})");
  EXPECT_TRUE(IsPublished());
  EXPECT_EQ(Served(), "KEY=hidden");
  EXPECT_EQ(JsonText(Send("GET", "/secrets").result()),
            R"([{"name":"KEY","type":"secret_text"}])");
  EXPECT_EQ(JsonText(Send("GET", "/secrets/KEY").result()),
            R"({"name":"KEY","type":"secret_text"})");

  const TestReply versions = Send("GET", "/versions");
  EXPECT_THAT(JsonText(versions.json), ::testing::Not(HasSubstr("hidden")));
  const auto& newest = versions.result().at("items").at(0);
  EXPECT_EQ(newest.at("number"), 2);
  EXPECT_EQ(newest.at("annotations").at("workers/triggered_by"), "secret");
}

TEST_F(SecretsTest, ADeleteTakesOneAway) {
  PutSecret("A", "a");
  PutSecret("B", "b");
  const TestReply reply = Send("DELETE", "/secrets/A?url_encoded=true");
  ASSERT_EQ(reply.status, 200) << JsonText(reply.json);
  EXPECT_EQ(Served(), "B=b");
  const TestReply absent = Send("DELETE", "/secrets/A?url_encoded=true");
  EXPECT_EQ(absent.status, 404);
  EXPECT_THAT(absent.error(),
              StartsWith("10056 Worker \"hello\" has no secret \"A\""));
  EXPECT_THAT(Send("GET", "/secrets/TEXT").error(), StartsWith("10056 "));
}

TEST_F(SecretsTest, ABulkSetsAndRemovesInOneVersion) {
  PutSecret("OLD", "o");
  const TestReply reply =
      Send("PATCH", "/secrets-bulk",
           R"({"secrets":{"A":{"name":"A","text":"x","type":"secret_text"},
          "B":{"name":"B","text":"y"},"OLD":null,"GONE":null}})",
           kMergePatch);
  ASSERT_EQ(reply.status, 200) << JsonText(reply.json);
  EXPECT_EQ(Served(), "A=x B=y");
  EXPECT_EQ(Send("GET", "/versions").result().at("items").at(0).at("number"),
            3);
}

TEST_F(SecretsTest, TheNewestVersionIsNotDeployedByTheWay) {
  ASSERT_EQ(client_
                .Upload("POST", fmt::format("{}/versions", kScriptPath),
                        R"({"main_module":"index.js"})", {kIndexModule})
                .status,
            200);
  for (const TestReply& reply :
       {PutSecret("KEY", "k"),
        Send("PATCH", "/secrets-bulk",
             R"({"secrets":{"A":{"name":"A","text":"x"}}})", kMergePatch)}) {
    EXPECT_EQ(reply.status, 409);
    EXPECT_THAT(reply.error(), StartsWith("10215 the newest version"));
  }
  EXPECT_EQ(Served(), "");
}

TEST_F(SecretsTest, AVersionWithOtherSecretsWaitsForItsDeployment) {
  const TestReply reply = PatchLatest(
      R"({"env":{"A":{"type":"secret_text","text":"x"},"GONE":null},
          "annotations":{"workers/message":"m","workers/tag":"t"}})");
  ASSERT_EQ(reply.status, 200) << JsonText(reply.json);
  EXPECT_EQ(Served(), "");
  const std::string id = reply.result().at("id").as_string().c_str();
  const auto version = Send("GET", "/versions/" + id);
  EXPECT_EQ(version.result().at("annotations").at("workers/tag"), "t");
  EXPECT_THAT(JsonText(version.result().at("resources").at("bindings")),
              HasSubstr(R"({"name":"A","type":"secret_text"})"));
  ASSERT_EQ(Send("POST", "/deployments",
                 fmt::format(R"({{"strategy":"percentage","versions":[
                     {{"version_id":"{}","percentage":100}}]}})",
                             id))
                .status,
            200);
  EXPECT_EQ(Served(), "A=x");
}

TEST_F(SecretsTest, WhatIsWrongIsNamed) {
  EXPECT_THAT(
      PutSecret("TEXT", "x").error(),
      HasSubstr("\"TEXT\" is a binding of the Worker that is no secret"));
  EXPECT_THAT(PutSecret("1A", "x").error(),
              HasSubstr("name: binding name \"1A\""));
  EXPECT_THAT(PutSecret("A", std::string(6000, 'x')).error(),
              HasSubstr("text: must have at most 5120 characters"));
  EXPECT_THAT(
      Send("PUT", "/secrets", R"({"name":"A","text":"","type":"secret_key"})")
          .error(),
      HasSubstr("secret \"A\" of type \"secret_key\""));
  EXPECT_THAT(Send("PATCH", "/secrets-bulk",
                   R"({"secrets":{"A":{"name":"B","text":"x"}}})", kMergePatch)
                  .error(),
              HasSubstr("secrets.A.name: must be \"A\", is \"B\""));
  EXPECT_THAT(
      Send("PATCH", "/secrets-bulk", R"({"secrets":{"1":null}})", kMergePatch)
          .error(),
      HasSubstr("secrets.1"));
  EXPECT_THAT(PatchLatest(R"({"env":{"A":{"type":"secret_text"}}})").error(),
              HasSubstr("env.A.text: is required"));
  EXPECT_THAT(client_
                  .Send("PUT", "/accounts/ACCOUNT/workers/scripts/no/secrets",
                        R"({"name":"A","text":"x"})")
                  .error(),
              StartsWith("10007 "));
  EXPECT_FALSE(IsPublished());
}

// What wrangler 4.49 and 3.114 send for `secret bulk`.
TEST_F(SecretsTest, APatchOfTheSettingsSetsAndRemovesSecrets) {
  ASSERT_EQ(PutSecret("OLD", "old").status, 200);
  ASSERT_EQ(PutSecret("KEY", "before").status, 200);
  const TestReply reply = PatchSettings(R"({"bindings":[
      {"type":"plain_text","name":"TEXT"},
      {"type":"secret_text","name":"KEY","text":"hidden"},
      {"type":"secret_text","name":"NEW","text":"new"}]})");
  ASSERT_EQ(reply.status, 200) << JsonText(reply.json);
  EXPECT_EQ(Served(), "KEY=hidden NEW=new");
  EXPECT_THAT(JsonText(reply.json), HasSubstr(R"("text":"t")"));
  EXPECT_THAT(JsonText(reply.json), ::testing::Not(HasSubstr("hidden")));
}

TEST_F(SecretsTest, APatchOfTheSettingsKeepsSecretsThatItOnlyNames) {
  ASSERT_EQ(PutSecret("KEY", "kept").status, 200);
  ASSERT_EQ(PatchSettings(R"({"bindings":[{"type":"plain_text","name":"TEXT"},
                              {"type":"secret_text","name":"KEY"}]})")
                .status,
            200);
  EXPECT_EQ(Served(), "KEY=kept");
}

TEST_F(SecretsTest, APatchOfTheSettingsChangesNothingElse) {
  EXPECT_THAT(PatchSettings(R"({"bindings":[]})").error(),
              HasSubstr("\"TEXT\" is missing"));
  EXPECT_THAT(PatchSettings(R"({"bindings":[
                  {"type":"plain_text","name":"TEXT"},
                  {"type":"plain_text","name":"MORE","text":"x"}]})")
                  .error(),
              HasSubstr("\"MORE\" is not one that the Worker has"));
  EXPECT_THAT(PatchSettings(R"({"bindings":[],"limits":{}})").error(),
              HasSubstr("limits"));
  EXPECT_FALSE(IsPublished());
}

TEST_F(SecretsTest, AnUploadKeepsThemUnlessItSaysWhatToKeep) {
  ASSERT_EQ(PutSecret("KEY", "kept").status, 200);
  ASSERT_EQ(client_.Put("hello").status, 200);
  EXPECT_EQ(Served(), "KEY=kept");
  ASSERT_EQ(client_
                .Put("hello", R"({"main_module":"index.js",
                                  "keep_bindings":["plain_text"]})")
                .status,
            200);
  EXPECT_EQ(Served(), "");
}

// What wrangler 4.49 and 3.114 do for `versions secret …`.
TEST_F(SecretsTest, TheCodeOfAVersionCanBeReadToBeUploadedAgain) {
  const TestReply made = client_.Upload(
      "POST", fmt::format("{}/versions", kScriptPath),
      R"({"main_module":"index.js"})",
      {{"index.js", "application/javascript+module", "import './a \"b.txt'"},
       {"./a %22b.txt", "text/plain", "a text"}});
  ASSERT_EQ(made.status, 200) << JsonText(made.json);
  const std::string id(made.result().at("id").as_string());
  const TestReply content = Send("GET", "/content/v2?version=" + id);
  ASSERT_EQ(content.status, 200);
  EXPECT_THAT(content.body,
              ::testing::AllOf(HasSubstr("name=\"./a %22b.txt\""),
                               HasSubstr("Content-Type: text/plain\r\n\r\n"
                                         "a text\r\n--")));
  EXPECT_THAT(Send("GET", "/content/v2?version=absent").error(),
              StartsWith("10007 "));
}

}  // namespace
}  // namespace caravel::api
