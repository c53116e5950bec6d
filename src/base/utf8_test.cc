#include "base/utf8.h"

#include <gtest/gtest.h>

namespace caravel::base {
namespace {

TEST(Utf8PrefixTest, EndsBehindAWholeCharacter) {
  EXPECT_EQ(Utf8Prefix("abc", 3), "abc");
  EXPECT_EQ(Utf8Prefix("abc", 2), "ab");
  EXPECT_EQ(Utf8Prefix("a\u00e9b", 2), "a");
  EXPECT_EQ(Utf8Prefix("a\u00e9b", 3), "a\u00e9");
  EXPECT_EQ(Utf8Prefix("\U0001f6a2", 3), "");
  EXPECT_EQ(Utf8Prefix("\x80\x80", 1), "");
}

}  // namespace
}  // namespace caravel::base
