#include "control/percent.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace caravel::api {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(PercentTest, DecodesAndKeepsAPlus) {
  EXPECT_EQ(PercentDecode("a%2Fb%20c+d"), "a/b c+d");
  EXPECT_EQ(PercentDecode(""), "");
}

TEST(PercentTest, HasNothingForABrokenEscape) {
  for (const std::string_view text : {"%", "%2", "%zz", "a%2", "%00"}) {
    EXPECT_EQ(PercentDecode(text), std::nullopt) << text;
  }
}

TEST(QueryTest, KeepsOrderAndRepetition) {
  EXPECT_THAT(ParseQuery("name=q1&name=q%262&page=1&flag&=x&&e="),
              testing::Optional(ElementsAre(
                  Pair("name", "q1"), Pair("name", "q&2"), Pair("page", "1"),
                  Pair("flag", ""), Pair("", "x"), Pair("e", ""))));
  EXPECT_THAT(ParseQuery("a+b=c+d"),
              testing::Optional(ElementsAre(Pair("a b", "c d"))));
  EXPECT_EQ(ParseQuery("a=%"), std::nullopt);
}

}  // namespace
}  // namespace caravel::api
