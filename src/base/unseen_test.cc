#include "base/unseen.h"

#include <gtest/gtest.h>

#include <string>

namespace caravel::base {
namespace {

TEST(UnseenTest, ActsOnTheTerminalOrOnTheTextAroundIt) {
  for (const char* text : {"\n", "\x1b", "\x7f", "\u009b", "\u061c", "\u200b",
                           "\u202e", "\u2069", "\ufeff"}) {
    const std::string around = std::string("a") + text + "b";
    EXPECT_TRUE(HasUnseen(around)) << around;
    EXPECT_EQ(UnseenAt(around, 1).size, around.size() - 2) << around;
    EXPECT_EQ(UnseenAt(around, 0).size, 0U) << around;
  }
  EXPECT_EQ(UnseenAt("\u202e", 0).code, 0x202eU);
  EXPECT_TRUE(HasUnseen(std::string_view("a\0b", 3)));
}

TEST(UnseenTest, IsNoLetterOfAnyScriptNorWhatJoinsThem) {
  for (const char* text :
       {"", "Acme & Sons", "\u00e9\u0416\u4e2d", "\U0001f468\u200d\U0001f469",
        "\u0645\u06cc\u200c\u062e", "\u00a0"}) {
    EXPECT_FALSE(HasUnseen(text)) << text;
  }
}

TEST(UnseenTest, OfBytesThatAreNoTextIsNone) {
  for (const char* text : {"\xc2", "\xe2\x80", "\xff\x9b", "\xe2", "\x9b"}) {
    EXPECT_FALSE(HasUnseen(text));
  }
}

}  // namespace
}  // namespace caravel::base
