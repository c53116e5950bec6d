#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <set>

#include "control/asset_files.h"
#include "control/testing/test_platform.h"
#include "registry/asset_list.h"

// Static assets from the session to a version, through the API's handler.
namespace caravel::api {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view kPage = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
constexpr std::string_view kStyle = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

class AssetsTest : public ::testing::Test {
 protected:
  // Begins a session for /index.html, 5 bytes, and /a b.css, 3 bytes.
  TestReply Begin(std::string_view worker = "site") {
    return BeginWith(fmt::format(R"({{"/index.html":{{"hash":"{}","size":5}},)"
                                 R"("/a%20b.css":{{"hash":"{}","size":3}}}})",
                                 kPage, kStyle),
                     worker);
  }
  TestReply BeginWith(std::string_view manifest,
                      std::string_view worker = "site") {
    client_.set_token(beginner_.empty() ? platform_.token() : beginner_);
    return client_.Send("POST",
                        fmt::format("/accounts/ACCOUNT/workers/scripts/{}/"
                                    "assets-upload-session",
                                    worker),
                        fmt::format(R"({{"manifest":{}}})", manifest));
  }

  // Uploads under the token of a session, in base64.
  TestReply Bring(const std::string& jwt,
                  const std::vector<TestClient::UploadPart>& parts) {
    client_.set_token(jwt);
    std::string body;
    for (const auto& part : parts) {
      body += fmt::format(
          "--XX\r\nContent-Disposition: form-data; name=\"{0}\"; "
          "filename=\"{0}\"\r\nContent-Type: {1}\r\n\r\n{2}\r\n",
          part.name, part.content_type, part.content);
    }
    TestReply reply = client_.Send(
        "POST", "/accounts/ACCOUNT/workers/assets/upload?base64=true",
        body + "--XX--\r\n", "multipart/form-data; boundary=XX");
    client_.set_token(platform_.token());
    return reply;
  }
  TestReply BringPage(const std::string& jwt) {
    return Bring(jwt, {{std::string(kPage), "text/html; charset=utf-8",
                        "aGVsbG8="}});  // hello
  }
  TestReply BringStyle(const std::string& jwt) {
    return Bring(jwt, {{std::string(kStyle), "application/null", "YWJj"}});
  }

  static std::string JwtOf(const TestReply& reply) {
    return std::string(reply.result().at("jwt").as_string());
  }

  std::string Completed() {
    const std::string jwt = JwtOf(Begin());
    (void)BringPage(jwt);
    return JwtOf(BringStyle(jwt));
  }

  TestReply Deploy(const std::string& jwt, std::string_view config = "{}",
                   std::string_view worker = "site") {
    return client_.Upload(
        "PUT", fmt::format("/accounts/ACCOUNT/workers/scripts/{}", worker),
        fmt::format(R"({{"compatibility_date":"2026-01-01",)"
                    R"("assets":{{"jwt":"{}","config":{}}}}})",
                    jwt, config),
        {});
  }

  registry::AssetList ListOfNewest() {
    const auto versions = platform_.registry()
                              .ListVersions({platform_.account()}, "site", 1)
                              .value();
    const base::Fd file = platform_.services()
                              .blobs.Open(versions[0].version.assets_digest)
                              .value();
    return registry::AssetList::Map(file).value();
  }

  std::string beginner_;  // token; else the platform's
  TestPlatform platform_;
  TestClient client_{platform_};
};

TEST_F(AssetsTest, AVersionHasWhatItsSessionBrought) {
  const TestReply begun = Begin();
  ASSERT_EQ(begun.status, 200) << begun.error();
  EXPECT_EQ(boost::json::serialize(begun.result().at("buckets")),
            fmt::format(R"([["{}","{}"]])", kPage, kStyle));
  const std::string jwt = JwtOf(begun);
  const TestReply first = BringPage(jwt);
  EXPECT_EQ(first.status, 200) << first.error();
  EXPECT_TRUE(first.result().at("jwt").is_null());
  const TestReply deployed = Deploy(JwtOf(BringStyle(jwt)));
  ASSERT_EQ(deployed.status, 200) << deployed.error();
  EXPECT_EQ(platform_.checker().checks(), 0);  // there is no code

  const registry::AssetList list = ListOfNewest();
  ASSERT_EQ(list.size(), 2U);
  const auto page = list.At(list.Find("/index.html").value());
  EXPECT_EQ(page.type, "text/html; charset=utf-8");
  EXPECT_EQ(page.sizes[0], 5U);
  EXPECT_EQ(list.At(list.Find("/a b.css").value()).type, "");
}

TEST_F(AssetsTest, TextsAreKeptInSmallerCodingsToo) {
  const std::string text(10'000, 'x');
  const auto kept = [&](std::string_view type, const std::string& content) {
    const CodedAsset coded = CodeAsset("name", std::string(type), content);
    std::string which;
    for (const auto& form : coded.forms) {
      which += !form ? '-' : form->size() < content.size() ? 's' : '=';
    }
    return which;
  };
  EXPECT_EQ(kept("text/css; charset=utf-8", text), "=ss");
  EXPECT_EQ(kept("application/ld+json", text), "=ss");
  EXPECT_EQ(kept("image/png", text), "=--");
  EXPECT_EQ(kept("", text), "=--");
  EXPECT_EQ(kept("text/css", text.substr(0, 1000)), "=--");
  std::string noise;
  for (uint32_t i = 0, x = 1; i < 10'000; ++i) {
    x = x * 1664525 + 1013904223;
    noise += static_cast<char>(x >> 24);
  }
  EXPECT_EQ(kept("text/plain", noise), "=--");
}

TEST_F(AssetsTest, APartThatIsSentTwiceIsCodedOnce) {
  const std::string jwt = JwtOf(Begin());
  const auto page = [](std::string_view type) {
    return TestClient::UploadPart{std::string(kPage), std::string(type),
                                  "aGVsbG8="};
  };
  EXPECT_EQ(Bring(jwt, {page("text/html"), page("text/plain")}).status, 200);
  // Had it been looked at, it would have been refused.
  EXPECT_EQ(Bring(jwt, {page("\x01")}).status, 200);
  ASSERT_EQ(Deploy(JwtOf(BringStyle(jwt))).status, 200);
  const registry::AssetList list = ListOfNewest();
  EXPECT_EQ(list.At(list.Find("/index.html").value()).type, "text/html");
}

TEST_F(AssetsTest, WhatTheAccountHasIsNotAskedForAgain) {
  (void)Completed();
  const TestReply again = Begin("other");
  EXPECT_EQ(boost::json::serialize(again.result().at("buckets")), "[]");
  EXPECT_EQ(Deploy(JwtOf(again), "{}", "other").status, 200);
}

TEST_F(AssetsTest, AnotherAccountsHashesSayNothing) {
  (void)Completed();
  const std::string manifest =
      fmt::format(R"({{"/index.html":{{"hash":"{}","size":5}}}})", kPage);
  EXPECT_EQ(boost::json::serialize(BeginWith(manifest).result().at("buckets")),
            "[]");
  const std::vector<std::string> names = {std::string(kPage)};
  EXPECT_TRUE(
      platform_.asset_uploads().Find({"another"}, names).value().empty());
}

TEST_F(AssetsTest, BucketsAreBounded) {
  std::string manifest = "{";
  for (int i = 0; i < 250; ++i) {
    manifest += fmt::format(R"({}"/{}":{{"hash":"{:032x}","size":{}}})",
                            i == 0 ? "" : ",", i, i, i < 2 ? 3 << 20 : 1);
  }
  const auto buckets =
      BeginWith(manifest + "}").result().at("buckets").as_array();
  ASSERT_EQ(buckets.size(), 4U);
  EXPECT_EQ(buckets[0].as_array().size(), 1U);  // 3 MiB and as much again
  EXPECT_EQ(buckets[1].as_array().size(), 100U);
  EXPECT_EQ(buckets[3].as_array().size(), 49U);
}

TEST_F(AssetsTest, AWrongManifestIsNamed) {
  const auto why = [this](std::string_view manifest) {
    return BeginWith(manifest).error();
  };
  EXPECT_THAT(why("[]"), HasSubstr("manifest: must be an object"));
  EXPECT_THAT(why(R"({"/a":{"hash":"x","size":1}})"),
              HasSubstr("manifest[\"/a\"].hash: must be 32"));
  EXPECT_THAT(why(fmt::format(R"({{"a":{{"hash":"{}","size":1}}}})", kPage)),
              HasSubstr("must begin with /"));
  EXPECT_THAT(why(fmt::format(R"({{"/a":{{"hash":"{}","size":-1}}}})", kPage)),
              HasSubstr(".size: must be"));
  EXPECT_THAT(
      why(fmt::format(R"({{"/a":{{"hash":"{}","size":26214401}}}})", kPage)),
      StartsWith("10027 "));
}

TEST_F(AssetsTest, OnlyWhatTheManifestNamesIsTaken) {
  const std::string jwt = JwtOf(Begin());
  EXPECT_THAT(
      Bring(jwt, {{std::string(32, 'c'), "text/plain", "YWJj"}}).error(),
      HasSubstr("the manifest has no such hash"));
  EXPECT_THAT(Bring(jwt, {{std::string(kStyle), "text/css", "YWI="}}).error(),
              HasSubstr("it has 2 bytes, the manifest says 3"));
  EXPECT_THAT(Bring(jwt, {{std::string(kStyle), "text/css", "%%%"}}).error(),
              HasSubstr("is not base64"));
}

TEST_F(AssetsTest, AnUploadGoesNoFurtherThanTheTokenThatBeganIt) {
  registry::Tokens& tokens = platform_.registry().tokens();
  const auto made = tokens
                        .Create({platform_.account()},
                                {.name = "ci", .scopes = {"workers:write"}})
                        .value();
  beginner_ = made.value;
  const std::string jwt = JwtOf(Begin());
  EXPECT_EQ(BringPage(jwt).status, 200);
  const TestReply log =
      client_.Get("/accounts/ACCOUNT/logs/audit?actor_token_name=ci");
  EXPECT_EQ(log.result().as_array().size(), 2U) << log.body;

  const auto account =
      platform_.registry().accounts().Create("Other", std::nullopt).value();
  client_.set_token(jwt);
  EXPECT_EQ(client_
                .Send("POST",
                      fmt::format("/accounts/{}/workers/assets/upload",
                                  account.id.value),
                      "--XX--\r\n", "multipart/form-data; boundary=XX")
                .status,
            404);
  tokens
      .Update({platform_.account()}, made.token.id,
              {.name = "ci", .scopes = {"workers:read"}})
      .value();
  EXPECT_THAT(BringStyle(jwt).error(),
              HasSubstr("token \"ci\" lacks the scope \"workers:write\""));
  ASSERT_TRUE(tokens.Remove({platform_.account()}, made.token.id));
  EXPECT_EQ(BringStyle(jwt).status, 401);
}

TEST_F(AssetsTest, ATokenIsGoodForItsUseAndItsTime) {
  const std::string upload = JwtOf(Begin());
  EXPECT_THAT(Deploy(upload).error(), HasSubstr("metadata.assets.jwt"));
  (void)BringPage(upload);
  const std::string complete = JwtOf(BringStyle(upload));
  EXPECT_EQ(BringPage(complete).status, 403);
  EXPECT_THAT(Deploy(complete, "{}", "other").error(),
              HasSubstr("not the token that an upload of this Worker's"));
  std::string forged = complete;
  forged[forged.size() / 2] ^= 1;
  EXPECT_THAT(Deploy(forged).error(), HasSubstr("upload session"));
  EXPECT_EQ(BringPage(platform_.token()).status, 401);
  platform_.clock().Advance(std::chrono::hours(2));
  EXPECT_THAT(Deploy(complete).error(), HasSubstr("has expired"));
  EXPECT_EQ(BringPage(upload).status, 401);
}

TEST_F(AssetsTest, TheConfigurationIsChecked) {
  const std::string jwt = Completed();
  EXPECT_THAT(Deploy(jwt, R"({"html_handling":"all"})").error(),
              HasSubstr("html_handling: \"all\" is none of"));
  EXPECT_THAT(Deploy(jwt, R"({"run_worker_first":true})").error(),
              HasSubstr("no Worker that could run first"));
  EXPECT_THAT(Deploy(jwt, R"({"_redirects":"/a"})").error(),
              HasSubstr("_redirects, line 1"));
  EXPECT_THAT(Deploy(jwt, R"({"base_path":"https://a.example/x"})").error(),
              HasSubstr("metadata.assets.config.base_path: "
                        "\"https://a.example/x\" is no path but a URL"));
  EXPECT_THAT(Deploy(jwt, R"({"base_path":"//x"})").error(),
              HasSubstr("no path but a URL"));
  EXPECT_THAT(Deploy(jwt, R"({"base_path":""})").error(),
              HasSubstr("base_path: is empty"));
  EXPECT_THAT(Deploy(jwt, R"({"base_path":"/a%20b"})").error(),
              HasSubstr("and no \\, ?, #, % or control characters"));
  ASSERT_EQ(Deploy(jwt, R"({"not_found_handling":"404-page",)"
                        R"("base_path":"x/../docs//./v1/",)"
                        R"("_headers":"/*\n  X-A: 1"})")
                .status,
            200);
  const registry::AssetConfig config = ListOfNewest().config();
  EXPECT_EQ(config.not_found_handling,
            registry::NotFoundHandling::kNotFoundPage);
  EXPECT_EQ(config.base_path, "/docs/v1");
  EXPECT_EQ(config.headers[0].path, "/*");
}

TEST_F(AssetsTest, TheAssetsOfTheVersionBeforeCanBeKept) {
  ASSERT_EQ(Deploy(Completed()).status, 200);
  const std::string before =
      std::string(client_.Get("/accounts/ACCOUNT/workers/scripts/site/versions")
                      .result()
                      .at("items")
                      .as_array()[0]
                      .at("id")
                      .as_string());
  const TestReply kept =
      client_.Put("site", R"({"main_module":"index.js","keep_assets":true,)"
                          R"("bindings":[{"name":"ASSETS","type":"assets"}]})");
  ASSERT_EQ(kept.status, 200) << kept.error();
  EXPECT_EQ(ListOfNewest().size(), 2U);
  ASSERT_EQ(client_.Put("bare").status, 200);
  EXPECT_EQ(client_
                .Put("bare", R"({"main_module":"index.js",)"
                             R"("keep_assets":true})")
                .status,
            200);
  EXPECT_THAT(client_
                  .Put("site", R"({"main_module":"index.js",)"
                               R"("bindings":[{"name":"A","type":"assets"}]})")
                  .error(),
              HasSubstr("the version has no assets"));
}

}  // namespace
}  // namespace caravel::api
