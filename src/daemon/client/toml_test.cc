#include "daemon/client/toml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace caravel::daemon {
namespace {

TEST(Toml, BecomesTheSameTablesArraysAndScalars) {
  const auto value = ParseToml(
      "name = \"a\"\nday = 2026-11-24\n[vars]\nN = 1\nF = 1.5\nB = true\n"
      "L = [1, \"x\"]\n[[r]]\np = 1\n[[r]]\np = 2\n",
      "t.toml");
  ASSERT_TRUE(value);
  EXPECT_EQ(*value, boost::json::parse(
                        R"({"name":"a","day":"2026-11-24","vars":{"N":1,"F":1.5,
                            "B":true,"L":[1,"x"]},"r":[{"p":1},{"p":2}]})"));
}

TEST(Toml, NamesFileLineAndColumnOfAMistake) {
  const auto value = ParseToml("a = 1\nb = = 2\n", "t.toml");
  ASSERT_FALSE(value);
  EXPECT_THAT(value.error().message(), testing::StartsWith("t.toml:2:"));
}

}  // namespace
}  // namespace caravel::daemon
