#include "host/path_pattern.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace caravel::host {
namespace {

// "name=value;…", "none" or "too much".
std::string Match(std::string_view pattern, std::string_view text) {
  const PathPattern rule(pattern);
  RuleBudget budget;
  const auto found = rule.Match(text, budget);
  if (budget.exceeded()) return "too much";
  if (!found) return "none";
  std::string all;
  for (const auto& [name, value] : *found) {
    all += fmt::format("{}={};", name, value);
  }
  return all;
}

TEST(PathPatternTest, MatchesAsARegularExpressionWould) {
  EXPECT_EQ(Match("/a", "/a"), "");
  EXPECT_EQ(Match("/a", "/ab"), "none");
  EXPECT_EQ(Match("/:a/:b", "/1/2"), "a=1;b=2;");
  EXPECT_EQ(Match("/:a/:b", "/1/"), "none");
  EXPECT_EQ(Match("/:a.html", "/x.y.html"), "a=x.y;");
  EXPECT_EQ(Match("/:a.html", "/.html"), "none");
  EXPECT_EQ(Match("/:a.html", "/x/y.html"), "none");
  EXPECT_EQ(Match("/:a-:b", "/x-y-z"), "a=x-y;b=z;");
  EXPECT_EQ(Match("/:a:b", "/xyz"), "a=xy;b=z;");
  EXPECT_EQ(Match("/:a:b", "/x"), "none");
  EXPECT_EQ(Match("/:a-:b/c", "/-y/c"), "none");
  EXPECT_EQ(Match("/:a*", "/xy/z"), "a=xy;splat=/z;");
  EXPECT_EQ(Match("/x/*/z", "/x/1/2/z"), "splat=1/2;");
  EXPECT_EQ(Match("/x/*/z", "/x/z"), "none");
  EXPECT_EQ(Match("/*/:id/edit", "/a/b/7/edit"), "splat=a/b;id=7;");
  EXPECT_EQ(Match("/*aa:b", "/aaaab"), "splat=aa;b=b;");
  EXPECT_EQ(Match("/*", "/"), "splat=;");
  EXPECT_EQ(Match("/:1", "/:1"), "");  // no name begins with a digit
}

TEST(PathPatternTest, AHopelessSearchEndsWithItsBudget) {
  std::string many;
  for (int i = 0; i < 12; ++i) many += fmt::format(":n{}", i);
  EXPECT_EQ(Match("/" + many + "!", "/" + std::string(200, 'x')), "too much");
}

TEST(PathPatternTest, CommonPatternsCostLittleHoweverLongThePathIs) {
  const std::string path = "/x" + std::string(15'000, '/') + "y";
  for (const char* pattern : {"/*", "/*/z", "/:a", "/:a/:b", "/x/*", "/x*y"}) {
    RuleBudget budget;
    (void)PathPattern(pattern).Match(path, budget);
    EXPECT_TRUE(budget.Take(RuleBudget::kMostSteps - 1000)) << pattern;
  }
}

bool Glob(std::string_view pattern, std::string_view text) {
  RuleBudget budget;
  return MatchesGlob(pattern, text, budget);
}

TEST(PathPatternTest, AGlobsStarsStandForAnything) {
  EXPECT_TRUE(Glob("/api/*", "/api/"));
  EXPECT_TRUE(Glob("/api/*", "/api/a/b"));
  EXPECT_FALSE(Glob("/api/*", "/api"));
  EXPECT_TRUE(Glob("/*/x/*.js", "/a/b/x/x/c.js"));
  EXPECT_FALSE(Glob("/*/x/*.js", "/a/x.js"));
  EXPECT_FALSE(Glob("/a*a", "/a"));
  EXPECT_TRUE(Glob("/**b*", "/aab"));
  EXPECT_FALSE(Glob("/*b*", "/aa"));
  EXPECT_TRUE(Glob("/*aab*", "/aaab"));
}

TEST(PathPatternTest, FillingEndsWithTheBudget) {
  const PathPattern::Found found = {{"splat", "text"}};
  RuleBudget budget;
  EXPECT_EQ(Filled("/:splat?:splats", found, budget), "/text?:splats");
  EXPECT_TRUE(budget.Take(RuleBudget::kMostSteps - 100));
  (void)Filled(std::string(200, 'x'), found, budget);
  EXPECT_TRUE(budget.exceeded());
}

}  // namespace
}  // namespace caravel::host
