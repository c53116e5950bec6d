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

// "200 /file", "307 -> /location", "404", "405" or "worker".
std::string Answer(const AssetSite& site, std::string_view target,
                   std::string_view method = "GET", bool navigates = false,
                   AssetRoute route = AssetRoute::kClient) {
  const AssetChoice choice = site.Choose({.method = method,
                                          .host = "shop.example:8080",
                                          .target = target,
                                          .navigates = navigates},
                                         route);
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
      break;
  }
  return "405";
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
      {"", "/blog/:year/*", "/posts/:splat?of=:year#top", 301},
      {"", "/blog/2020/x", "/first", 302},
      {"", "/out/*", "https://other.example/:splat", 308},
      {"", "/in/*", "/:splat", 302},
      {"", "/a", "/b", 303},
      {"", "/app/*", "/b", 200},
      {"", "/gone/*", "/absent", 200},
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
  site.ApplyHeaderRules(
      {.method = "GET", .host = "shop.example:8080", .target = target},
      headers);
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

TEST(PathPatternTest, MatchesAsARegularExpressionWould) {
  const auto match = [](std::string_view pattern, std::string_view text) {
    const PathPattern rule(pattern);
    const auto found = rule.Match(text);
    if (!found) return std::string("none");
    std::string all;
    for (const auto& [name, value] : *found) {
      all += fmt::format("{}={};", name, value);
    }
    return all;
  };
  EXPECT_EQ(match("/a", "/a"), "");
  EXPECT_EQ(match("/a", "/ab"), "none");
  EXPECT_EQ(match("/:a/:b", "/1/2"), "a=1;b=2;");
  EXPECT_EQ(match("/:a/:b", "/1/"), "none");
  EXPECT_EQ(match("/:a.html", "/x.y.html"), "a=x.y;");
  EXPECT_EQ(match("/x/*/z", "/x/1/2/z"), "splat=1/2;");
  EXPECT_EQ(match("/*", "/"), "splat=;");
  EXPECT_EQ(match("/:1", "/:1"), "");  // no name begins with a digit
  // Hopeless, and given up.
  std::string many;
  for (int i = 0; i < 12; ++i) many += fmt::format(":n{}", i);
  EXPECT_EQ(match("/" + many + "!", "/" + std::string(200, 'x')), "none");
}

TEST(PathPatternTest, AGlobsStarsStandForAnything) {
  EXPECT_TRUE(MatchesGlob("/api/*", "/api/"));
  EXPECT_TRUE(MatchesGlob("/api/*", "/api/a/b"));
  EXPECT_FALSE(MatchesGlob("/api/*", "/api"));
  EXPECT_TRUE(MatchesGlob("/*/x/*.js", "/a/b/x/x/c.js"));
  EXPECT_FALSE(MatchesGlob("/*/x/*.js", "/a/x.js"));
  EXPECT_FALSE(MatchesGlob("/a*a", "/a"));
}

}  // namespace
}  // namespace caravel::host
