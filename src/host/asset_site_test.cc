#include "host/asset_site.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace caravel::host {
namespace {

using registry::AssetConfig;
using registry::HtmlHandling;
using registry::NotFoundHandling;

AssetSite SiteOf(const AssetConfig& config,
                 const std::vector<std::string>& paths,
                 AssetSite::Traits traits = {}) {
  std::vector<registry::Asset> assets;
  for (const std::string& path : paths) {
    registry::Asset asset;
    asset.path = path;
    asset.forms[0] = {std::string(64, 'a'), 1};
    assets.push_back(std::move(asset));
  }
  const std::string bytes = registry::WriteAssetList(config, assets).value();
  const base::Fd file = base::SealedMemoryFile("list", bytes).value();
  return AssetSite(registry::AssetList::Map(file).value(), traits);
}

// "200 /file", "307 -> /location", "404", "405", "worker" or "too much".
std::string Answer(const AssetSite& site, std::string_view target,
                   std::string_view method = "GET", bool navigates = false,
                   AssetRoute route = AssetRoute::kClient) {
  RuleBudget budget;
  const AssetChoice choice = site.Choose({.method = method,
                                          .host = "shop.example:8080",
                                          .target = target,
                                          .navigates = navigates},
                                         route, budget);
  switch (choice.kind) {
    case AssetChoice::Kind::kWorker:
      return "worker";
    case AssetChoice::Kind::kAsset:
      return fmt::format("{} {}", choice.status,
                         site.list().At(choice.index).path);
    case AssetChoice::Kind::kRedirect:
      return fmt::format("{} -> {}", choice.status, choice.location);
    case AssetChoice::Kind::kNotFound:
      return "404";
    case AssetChoice::Kind::kMethodNotAllowed:
      return "405";
    case AssetChoice::Kind::kTooMuch:
      break;
  }
  return "too much";
}

struct HtmlCase {
  std::string_view target;
  std::string_view automatic;
  std::string_view forced;
  std::string_view dropped;
  std::string_view none;
};

TEST(AssetSiteTest, AnHtmlFileHasOnePath) {
  const auto site_with = [](HtmlHandling handling) {
    AssetConfig config;
    config.html_handling = handling;
    return SiteOf(config,
                  {"/index.html", "/file.html", "/dir/index.html", "/both.html",
                   "/both/index.html", "/data.json", "/odd", "/odd.html"});
  };
  const AssetSite automatic = site_with(HtmlHandling::kAutoTrailingSlash);
  const AssetSite forced = site_with(HtmlHandling::kForceTrailingSlash);
  const AssetSite dropped = site_with(HtmlHandling::kDropTrailingSlash);
  const AssetSite none = site_with(HtmlHandling::kNone);
  constexpr std::string_view kRoot = "200 /index.html";
  for (const HtmlCase& each : {
           HtmlCase{"/", kRoot, kRoot, kRoot, "404"},
           {"/index", "307 -> /", "307 -> /", "307 -> /", "404"},
           {"/index.html?q", "307 -> /?q", "307 -> /?q", "307 -> /?q", kRoot},
           {"/file", "200 /file.html", "307 -> /file/", "200 /file.html",
            "404"},
           {"/file.html", "307 -> /file", "307 -> /file/", "307 -> /file",
            "200 /file.html"},
           {"/file/", "307 -> /file", "200 /file.html", "307 -> /file", "404"},
           {"/file/index", "307 -> /file", "307 -> /file/", "307 -> /file",
            "404"},
           {"/file/index.html", "307 -> /file", "307 -> /file/", "307 -> /file",
            "404"},
           {"/dir", "307 -> /dir/", "307 -> /dir/", "200 /dir/index.html",
            "404"},
           {"/dir/", "200 /dir/index.html", "200 /dir/index.html",
            "307 -> /dir", "404"},
           {"/dir.html", "307 -> /dir/", "307 -> /dir/", "307 -> /dir", "404"},
           {"/dir/index.html", "307 -> /dir/", "307 -> /dir/", "307 -> /dir",
            "200 /dir/index.html"},
           {"/both", "200 /both.html", "307 -> /both/", "200 /both.html",
            "404"},
           {"/both/", "200 /both/index.html", "200 /both/index.html",
            "307 -> /both", "404"},
           {"/both.html", "307 -> /both", "200 /both.html", "307 -> /both",
            "200 /both.html"},
           {"/both/index.html", "307 -> /both/", "307 -> /both/",
            "200 /both/index.html", "200 /both/index.html"},
           {"/data.json", "200 /data.json", "200 /data.json", "200 /data.json",
            "200 /data.json"},
           {"/odd", "200 /odd", "200 /odd", "200 /odd", "200 /odd"},
           {"/odd.html", "200 /odd.html", "307 -> /odd/", "200 /odd.html",
            "200 /odd.html"},
           {"/absent", "404", "404", "404", "404"},
       }) {
    EXPECT_EQ(Answer(automatic, each.target), each.automatic) << each.target;
    EXPECT_EQ(Answer(forced, each.target), each.forced) << each.target;
    EXPECT_EQ(Answer(dropped, each.target), each.dropped) << each.target;
    EXPECT_EQ(Answer(none, each.target), each.none) << each.target;
  }
}

TEST(AssetSiteTest, APathIsServedInOneSpelling) {
  const AssetSite site =
      SiteOf({}, {"/a b.txt", "/s/\xc3\xa4.txt", "/x%y", "/at@.txt"});
  EXPECT_EQ(Answer(site, "/a%20b.txt"), "200 /a b.txt");
  EXPECT_EQ(Answer(site, "/%61%20b.txt"), "307 -> /a%20b.txt");
  EXPECT_EQ(Answer(site, "//s///%C3%A4.txt"), "307 -> /s/%C3%A4.txt");
  EXPECT_EQ(Answer(site, "/s/%c3%a4.txt?a=b"), "307 -> /s/%C3%A4.txt?a=b");
  EXPECT_EQ(Answer(site, "/x%25y"), "200 /x%y");
  EXPECT_EQ(Answer(site, "/x%y"), "307 -> /x%25y");
  EXPECT_EQ(Answer(site, "/at@.txt"), "307 -> /at%40.txt");
  EXPECT_EQ(Answer(site, "/s/%ff.txt"), "404");
}

TEST(AssetSiteTest, APathIsReadAsAUrlReadsIt) {
  AssetConfig config;
  config.worker_patterns = {"/api/*"};
  const AssetSite site =
      SiteOf(config, {"/a.txt", "/api/b"}, {.has_code = true});
  EXPECT_EQ(Answer(site, "/../x/.././a.txt"), "200 /a.txt");
  EXPECT_EQ(Answer(site, "/x/%2E%2e/a.txt?/../b"), "200 /a.txt");
  EXPECT_EQ(Answer(site, "/x\\..\\a.txt"), "200 /a.txt");
  EXPECT_EQ(Answer(site, "/x/../api/b"), "worker");
  EXPECT_EQ(Answer(site, "/api/b/.."), "worker");
  EXPECT_EQ(Answer(site, "/x/..a/...b"), "worker");
  EXPECT_EQ(Answer(site, "/.hidden"), "worker");
}

TEST(AssetSiteTest, WhatNothingMatchesHasAPageOrNone) {
  AssetConfig config;
  config.not_found_handling = NotFoundHandling::kSinglePage;
  EXPECT_EQ(Answer(SiteOf(config, {"/index.html"}), "/a/b"), "200 /index.html");
  config.not_found_handling = NotFoundHandling::kNotFoundPage;
  const AssetSite pages = SiteOf(config, {"/404.html", "/blog/404.html"});
  EXPECT_EQ(Answer(pages, "/blog/x/y"), "404 /blog/404.html");
  EXPECT_EQ(Answer(pages, "/x"), "404 /404.html");
  EXPECT_EQ(Answer(SiteOf(config, {"/a"}), "/x"), "404");
}

TEST(AssetSiteTest, MethodsButGetAndHeadAreRefused) {
  const AssetSite site = SiteOf({}, {"/a"});
  EXPECT_EQ(Answer(site, "/a", "HEAD"), "200 /a");
  EXPECT_EQ(Answer(site, "/a", "POST"), "405");
  EXPECT_EQ(Answer(site, "/b", "POST"), "404");
}

TEST(AssetSiteTest, TheWorkerGetsWhatNoAssetAnswers) {
  AssetConfig config;
  config.not_found_handling = NotFoundHandling::kSinglePage;
  const AssetSite old = SiteOf(config, {"/index.html"}, {.has_code = true});
  EXPECT_EQ(Answer(old, "/"), "200 /index.html");
  EXPECT_EQ(Answer(old, "/x"), "worker");
  EXPECT_EQ(Answer(old, "/x", "GET", true), "worker");
  EXPECT_EQ(Answer(old, "/x", "GET", false, AssetRoute::kBinding),
            "200 /index.html");
  const AssetSite site = SiteOf(config, {"/index.html"},
                                {.has_code = true, .navigation_first = true});
  EXPECT_EQ(Answer(site, "/x"), "worker");
  EXPECT_EQ(Answer(site, "/x", "GET", true), "200 /index.html");
}

TEST(AssetSiteTest, TheWorkerRunsFirstWhereThatIsSaid) {
  AssetConfig config;
  config.worker_first = true;
  const AssetSite all = SiteOf(config, {"/a"}, {.has_code = true});
  EXPECT_EQ(Answer(all, "/a"), "worker");
  EXPECT_EQ(Answer(all, "/a", "GET", false, AssetRoute::kBinding), "200 /a");

  config = {};
  config.worker_patterns = {"/api/*"};
  config.asset_patterns = {"/api/docs/*"};
  config.not_found_handling = NotFoundHandling::kNotFoundPage;
  const AssetSite some = SiteOf(config, {"/api/a", "/api/docs/b", "/404.html"},
                                {.has_code = true});
  EXPECT_EQ(Answer(some, "/api/a"), "worker");
  EXPECT_EQ(Answer(some, "/api/docs/b"), "200 /api/docs/b");
  EXPECT_EQ(Answer(some, "/api/docs/c"), "404 /404.html");
  EXPECT_EQ(Answer(some, "/else"), "404 /404.html");
}

TEST(AssetSiteTest, RedirectsComeBeforeAssets) {
  AssetConfig config;
  config.redirects = {
      {"/blog/:year/*", "/posts/:splat?of=:year#top", 301},
      {"/blog/2020/x", "/first", 302},
      {"/out/*", "https://other.example/:splat", 308},
      {"/in/*", "/:splat", 302},
      {"/a", "/b", 303},
      {"/app/*", "/b", 200},
      {"/gone/*", "/absent", 200},
  };
  const AssetSite site =
      SiteOf(config, {"/a", "/b", "/app/real"}, {.has_code = true});
  EXPECT_EQ(Answer(site, "/a?x=1"), "303 -> /b?x=1");
  EXPECT_EQ(Answer(site, "/blog/2020/x"), "302 -> /first");
  EXPECT_EQ(Answer(site, "/blog/2021/y/z?q"), "301 -> /posts/y/z?of=2021#top");
  EXPECT_EQ(Answer(site, "/blog/2021"), "worker");
  EXPECT_EQ(Answer(site, "/out/a?q"), "308 -> https://other.example/a?q");
  EXPECT_EQ(Answer(site, "/in//evil.example"), "302 -> /evil.example");
  EXPECT_EQ(Answer(site, "/in/\\evil.example"), "302 -> /evil.example");
  EXPECT_EQ(Answer(site, "/app/real"), "200 /b");
  EXPECT_EQ(Answer(site, "/gone/x"), "404");  // not the Worker's either
  config.not_found_handling = NotFoundHandling::kSinglePage;
  const AssetSite app = SiteOf(config, {"/index.html"}, {.has_code = true});
  EXPECT_EQ(Answer(app, "/gone/x"), "200 /index.html");
  EXPECT_EQ(Answer(app, "/else"), "worker");
}

std::string Headers(const AssetSite& site, std::string_view target) {
  net::Headers headers;
  headers.Add("ETag", "\"1\"");
  headers.Add("Cache-Control", "usual");
  RuleBudget budget;
  site.ApplyHeaderRules(
      {.method = "GET", .host = "shop.example:8080", .target = target}, budget,
      headers);
  if (budget.exceeded()) return "too much";
  std::string text;
  for (size_t i = 0; i < headers.size(); ++i) {
    text += fmt::format("{}: {}|", headers[i].name, headers[i].value);
  }
  return text;
}

TEST(AssetSiteTest, HeaderRulesAddReplaceAndTakeAway) {
  AssetConfig config;
  config.headers = {
      {"", "/*", {{"X-A", "1"}, {"cache-control", "max-age=9"}}, {}},
      {"", "/p/:id", {{"X-A", ":id"}, {"X-B", "b"}}, {"ETag"}},
      {"other.example", "/*", {{"X-C", "c"}}, {}},
      {"shop.example", "/q", {}, {"x-a"}},
  };
  const AssetSite site = SiteOf(config, {"/a"});
  EXPECT_EQ(Headers(site, "/x?y"),
            "ETag: \"1\"|X-A: 1|cache-control: max-age=9|");
  EXPECT_EQ(Headers(site, "/p/7"),
            "X-A: 1, 7|cache-control: max-age=9|X-B: b|");
  EXPECT_EQ(Headers(site, "/q"), "ETag: \"1\"|cache-control: max-age=9|");
}

// As many as there may be, of which each costs as much as one can.
std::vector<registry::RedirectRule> HopelessRedirects() {
  std::vector<registry::RedirectRule> rules;
  for (int i = 0; i < 100; ++i) {
    rules.push_back({fmt::format("/*a:b:c:d:e!{}", i), "/", 302});
  }
  return rules;
}

TEST(AssetSiteTest, RulesTogetherHaveOneBudget) {
  const std::string longest = "/" + std::string(4000, 'a');
  AssetConfig config;
  config.redirects = HopelessRedirects();
  EXPECT_EQ(Answer(SiteOf(config, {"/x"}), longest), "too much");
  EXPECT_EQ(Answer(SiteOf(config, {"/x"}), "/x"), "200 /x");

  config = {};
  for (const registry::RedirectRule& rule : HopelessRedirects()) {
    config.headers.push_back({"", rule.from, {{"X-A", "1"}}, {}});
  }
  EXPECT_EQ(Headers(SiteOf(config, {"/x"}), longest), "too much");

  config = {};
  for (int i = 0; i < 100; ++i) {
    config.worker_patterns.push_back(
        fmt::format("/*{}b{}", std::string(90, 'a'), i) + "*");
  }
  EXPECT_EQ(Answer(SiteOf(config, {"/x"}, {.has_code = true}), longest),
            "too much");
}

TEST(AssetSiteTest, WhatRulesWriteHasTheSameBudget) {
  const std::string longest = "/" + std::string(4000, 'a');
  std::string splats;
  for (int i = 0; i < 300; ++i) splats += ":splat";
  AssetConfig config;
  config.redirects = {{"/*", "/" + splats, 302}};
  EXPECT_EQ(Answer(SiteOf(config, {"/x"}), longest), "too much");

  config = {};
  config.headers = {{"", "/*", {{"X-A", splats}}, {}}};
  EXPECT_EQ(Headers(SiteOf(config, {"/x"}), longest), "too much");

  config = {};
  config.headers = {{"", "/*", {}, {}}};
  for (int i = 0; i < 2000; ++i) {
    config.headers[0].set.emplace_back(fmt::format("X-{}", i), "1");
  }
  EXPECT_EQ(Headers(SiteOf(config, {"/x"}), "/x"), "too much");
}

TEST(AssetSiteTest, OrdinaryRulesAreFarFromTheBudget) {
  AssetConfig config;
  config.not_found_handling = NotFoundHandling::kNotFoundPage;
  for (int i = 0; i < 100; ++i) {
    config.redirects.push_back({fmt::format("/*/old{}/:id", i), "/", 302});
    config.headers.push_back(
        {"", fmt::format("/*/{}.js", i), {{"X-A", "1"}}, {}});
  }
  const AssetSite site = SiteOf(config, {"/404.html"});
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += fmt::format("/folder{}", i);
  EXPECT_EQ(Answer(site, deep + "/x.html"), "404 /404.html");
  EXPECT_EQ(Answer(site, deep + "/old99/7"), "302 -> /");
  EXPECT_NE(Headers(site, deep + "/99.js"), "too much");
}

TEST(AssetSiteTest, AMissingPageIsSoughtOnlyWhereThereIsOne) {
  AssetConfig config;
  config.not_found_handling = NotFoundHandling::kNotFoundPage;
  std::string deep;
  while (deep.size() < 15'000) deep += "/a";
  EXPECT_EQ(Answer(SiteOf(config, {"/404.html", "/a/404.html"}), deep),
            "404 /a/404.html");
  EXPECT_EQ(Answer(SiteOf(config, {"/b"}), deep), "404");
  EXPECT_EQ(Answer(SiteOf(config, {"/b" + deep + "/404.html"}), "/c" + deep),
            "too much");
}

struct BaseCase {
  std::string_view target;
  std::string_view automatic;
  std::string_view dropped;
  std::string_view none;
};

TEST(AssetSiteTest, ABasePathStandsInFrontOfPublicPathsAlone) {
  const auto site_with = [](HtmlHandling handling) {
    AssetConfig config;
    config.base_path = "/my docs";
    config.html_handling = handling;
    config.redirects = {{"/my docs/old/*", "/my docs/:splat", 301},
                        {"/old/*", "/my docs/:splat", 301},
                        {"/my docs/same/*", "/my docs/:splat", 200},
                        {"/my docs/out/*", "/:splat", 200}};
    return SiteOf(config, {"/index.html", "/a.html", "/b.txt"},
                  {.has_code = true});
  };
  const AssetSite automatic = site_with(HtmlHandling::kAutoTrailingSlash);
  const AssetSite dropped = site_with(HtmlHandling::kDropTrailingSlash);
  const AssetSite none = site_with(HtmlHandling::kNone);
  for (const BaseCase& each : {
           BaseCase{"/my%20docs/", "200 /index.html", "307 -> /my%20docs",
                    "worker"},
           {"/my%20docs?q", "307 -> /my%20docs/?q", "200 /index.html",
            "worker"},
           {"/my%20docs/index.html", "307 -> /my%20docs/", "307 -> /my%20docs/",
            "200 /index.html"},
           {"/my%20docs/a", "200 /a.html", "200 /a.html", "worker"},
           {"/my%20docs/a.html", "307 -> /my%20docs/a", "307 -> /my%20docs/a",
            "200 /a.html"},
           {"/my%20docs//b.txt", "307 -> /my%20docs/b.txt",
            "307 -> /my%20docs/b.txt", "307 -> /my%20docs/b.txt"},
           {"/b.txt", "worker", "worker", "worker"},
           {"/my%20docsb.txt", "worker", "worker", "worker"},
           {"/old/x", "worker", "worker", "worker"},
       }) {
    EXPECT_EQ(Answer(automatic, each.target), each.automatic) << each.target;
    EXPECT_EQ(Answer(dropped, each.target), each.dropped) << each.target;
    EXPECT_EQ(Answer(none, each.target), each.none) << each.target;
  }
}

TEST(AssetSiteTest, RulesAreWrittenWithTheBasePath) {
  AssetConfig config;
  config.base_path = "/docs";
  config.not_found_handling = NotFoundHandling::kNotFoundPage;
  config.redirects = {{"/docs/old/*", "/docs/:splat", 301},
                      {"/docs/same/*", "/docs/:splat", 200},
                      {"/docs/out/*", "/:splat", 200}};
  config.headers = {{"", "/*", {{"X-A", "1"}}, {}},
                    {"", "/docs/b.txt", {{"X-B", "2"}}, {}}};
  const AssetSite site = SiteOf(config, {"/b.txt", "/blog/404.html"});
  EXPECT_EQ(Answer(site, "/docs/old/b.txt"), "301 -> /docs/b.txt");
  EXPECT_EQ(Answer(site, "/docs/same/b.txt"), "200 /b.txt");
  EXPECT_EQ(Answer(site, "/docs/out/b.txt"), "404");
  EXPECT_EQ(Answer(site, "/docs/blog/x"), "404 /blog/404.html");
  EXPECT_EQ(Answer(site, "/blog/x"), "404");
  EXPECT_EQ(Headers(site, "/docs/b.txt"),
            "ETag: \"1\"|Cache-Control: usual|X-A: 1|X-B: 2|");
  EXPECT_EQ(Headers(site, "/b.txt"), "ETag: \"1\"|Cache-Control: usual|");
}

}  // namespace
}  // namespace caravel::host
