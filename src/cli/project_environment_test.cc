#include "cli/project_environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace caravel::cli {
namespace {

namespace json = boost::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

json::value Config() {
  return json::parse(R"({
    "name": "shop", "main": "a.js", "compatibility_date": "2026-01-01",
    "vars": {"A": "top"}, "alias": {"lib": "./top.js"},
    "env": {
      "staging": {"vars": {"B": "staging"}, "main": "b.js",
                  "alias": {"lib": "./staging.js"}},
      "bare": {}, "named": {"name": "store"}
    }
  })");
}

json::value For(std::string_view environment) {
  return ForEnvironment(Config(), environment).value();
}

TEST(Environment, InheritsFromTheTopLevel) {
  EXPECT_EQ(For("bare").at("main"), "a.js");
  EXPECT_EQ(For("bare").at("compatibility_date"), "2026-01-01");
  EXPECT_EQ(For("staging").at("main"), "b.js");
}

TEST(Environment, InheritsNoVars) {
  EXPECT_EQ(For("staging").at("vars"), json::parse(R"({"B": "staging"})"));
  EXPECT_FALSE(For("bare").as_object().contains("vars"));
}

TEST(Environment, IsWarnedOfWhatItGoesWithout) {
  const json::value config = json::parse(R"({
    "vars": {"A": 1, "B": 2, "C": 3}, "define": {"X": "1"}, "main": "a.js",
    "version_metadata": {"binding": "V"}, "queues": {"producers": []},
    "env": {
      "bare": {}, "some": {"vars": {"B": 0}, "define": {"X": "2"}},
      "whole": {"vars": {"A": 1, "B": 2, "C": 3, "D": 4}, "define": {"X": "2"},
                "version_metadata": {"binding": "V"}}
    }
  })");
  const auto of = [&config](std::string_view environment) {
    return NotInheritedWarnings(config, environment);
  };
  EXPECT_THAT(of("bare"),
              ElementsAre(HasSubstr("env.bare: is without \"define\""),
                          "env.bare: is without \"vars\", which environments "
                          "do not take over from the top level: add what it "
                          "needs of that to env.bare.vars",
                          HasSubstr("is without \"version_metadata\"")));
  EXPECT_THAT(of("some"),
              ElementsAre("env.some.vars: is without A, C of the top level, "
                          "whose entries environments do not take over: add "
                          "those that it needs",
                          HasSubstr("is without \"version_metadata\"")));
  EXPECT_THAT(of("whole"), IsEmpty());
  EXPECT_THAT(of(""), IsEmpty());
  EXPECT_THAT(of("missing"), IsEmpty());
}

TEST(Environment, HasTheAliasesOfTheTopLevel) {
  EXPECT_EQ(For("staging").at("alias").at("lib"), "./top.js");
}

TEST(Environment, IsPartOfTheName) {
  EXPECT_EQ(For("staging").at("name"), "shop-staging");
  EXPECT_EQ(For("named").at("name"), "store");
}

TEST(Environment, IsTheTopLevelWhenNoneIsNamed) {
  EXPECT_EQ(For("").at("name"), "shop");
  EXPECT_EQ(For("").at("vars").at("A"), "top");
}

TEST(Environment, ThatDoesNotExistIsAnsweredWithThoseThatDo) {
  const auto missing = ForEnvironment(Config(), "stagin");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message(),
            "env: there is no environment \"stagin\"");
  EXPECT_THAT(missing.error().remedy(), HasSubstr("staging, bare, named"));
  EXPECT_THAT(ForEnvironment(json::object{{"name", "x"}}, "y").error().remedy(),
              HasSubstr("leave --env away"));
}

}  // namespace
}  // namespace caravel::cli
