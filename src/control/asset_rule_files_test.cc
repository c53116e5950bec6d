#include "control/asset_rule_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace caravel::api {
namespace {

using registry::HeaderRule;
using registry::RedirectRule;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string WhyNotRedirects(std::string_view text) {
  const auto rules = ParseRedirects(text);
  return rules ? "" : rules.error().message();
}

std::string WhyNotHeaders(std::string_view text) {
  const auto rules = ParseHeaderRules(text);
  return rules ? "" : rules.error().message();
}

TEST(AssetRuleFilesTest, RedirectsAreReadLineByLine) {
  EXPECT_THAT(
      ParseRedirects("# a comment\n\n/old  /new\r\n"
                     "\t/blog/:year/* https://b.example/:year/:splat 301\n"
                     "/old /other 308\n/app/* /app/ 200")
          .value(),
      ElementsAre(
          RedirectRule{"/old", "/new", 302},
          RedirectRule{"/blog/:year/*", "https://b.example/:year/:splat", 301},
          RedirectRule{"/app/*", "/app/", 200}));
}

TEST(AssetRuleFilesTest, AWrongRedirectIsNamedByItsLine) {
  EXPECT_THAT(WhyNotRedirects("/a /b\n/a"), HasSubstr("_redirects, line 2"));
  EXPECT_THAT(WhyNotRedirects("/a /b 404"), HasSubstr("status 404 is none of"));
  EXPECT_THAT(WhyNotRedirects("/a /b 301x"), HasSubstr("301x"));
  EXPECT_THAT(WhyNotRedirects("a /b"), HasSubstr("\"a\" is no path"));
  EXPECT_THAT(WhyNotRedirects("/a b"), HasSubstr("neither path nor URL"));
  EXPECT_THAT(WhyNotRedirects("/*/* /b"), HasSubstr("more than one *"));
  EXPECT_THAT(WhyNotRedirects("/a https://b.example/ 200"),
              HasSubstr("must be a path"));
  EXPECT_THAT(WhyNotRedirects("/* /index.html"), HasSubstr("for ever"));
  EXPECT_THAT(WhyNotRedirects("/a /" + std::string(2000, 'b')),
              HasSubstr("more than 2000 characters"));
  std::string many;
  for (int i = 0; i <= 100; ++i) many += fmt::format("/{}/* /b\n", i);
  EXPECT_THAT(WhyNotRedirects(many), HasSubstr("line 101: more than"));
}

TEST(AssetRuleFilesTest, HeadersStandBehindTheirPattern) {
  EXPECT_THAT(
      ParseHeaderRules("/*\n  X-A: 1\n  x-a: 2\n  ! ETag\n"
                       "https://Shop.Example/p/:id\n  X-Id: :id\n")
          .value(),
      ElementsAre(HeaderRule{"", "/*", {{"X-A", "1, 2"}}, {"ETag"}},
                  HeaderRule{"shop.example", "/p/:id", {{"X-Id", ":id"}}, {}}));
}

TEST(AssetRuleFilesTest, AWrongHeaderIsNamedByItsLine) {
  EXPECT_THAT(WhyNotHeaders("X: 1"), HasSubstr("before any path"));
  EXPECT_THAT(WhyNotHeaders("/a\n  X"), HasSubstr("_headers, line 2: must be"));
  EXPECT_THAT(WhyNotHeaders("/a\n  X Y: 1"), HasSubstr("is no header"));
  EXPECT_THAT(WhyNotHeaders("/a\n  ! X Y"), HasSubstr("no name of a header"));
  EXPECT_THAT(WhyNotHeaders("/a b\n  X: 1"), HasSubstr("no pattern of paths"));
}

}  // namespace
}  // namespace caravel::api
