#include "runtime/ops/utf8.h"

#include <gtest/gtest.h>

namespace caravel::runtime {
namespace {

std::u16string Lossy(std::string_view bytes) {
  std::u16string text;
  DecodeUtf8Lossy(bytes, text);
  return text;
}

TEST(Utf8Test, DecodesCharactersOfEachLength) {
  EXPECT_EQ(Lossy("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"),
            u"a\u00E9\u20AC\U0001F600");
}

TEST(Utf8Test, ReplacesEachMaximalPartOnce) {
  EXPECT_EQ(Lossy("\xFF"), u"\uFFFD");
  EXPECT_EQ(Lossy("\xC0\x80"), u"\uFFFD\uFFFD");  // overlong
  EXPECT_EQ(Lossy("\xE2\x82"), u"\uFFFD");        // cut short
  EXPECT_EQ(Lossy("\xE2\x82"
                  "A"),
            u"\uFFFDA");
  EXPECT_EQ(Lossy("\xF0\x9F\x98"), u"\uFFFD");
  EXPECT_EQ(Lossy("\xED\xA0\x80"), u"\uFFFD\uFFFD\uFFFD");  // surrogate
  EXPECT_EQ(Lossy("\xF4\x90\x80\x80"), u"\uFFFD\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(Lossy("\xE0\x9F\xBF"), u"\uFFFD\uFFFD\uFFFD");
}

TEST(Utf8Test, FindsTheCharacterThatThePieceCutsShort) {
  EXPECT_EQ(IncompleteUtf8Tail(""), 0U);
  EXPECT_EQ(IncompleteUtf8Tail("abc"), 0U);
  EXPECT_EQ(IncompleteUtf8Tail("ab\xE2"), 1U);
  EXPECT_EQ(IncompleteUtf8Tail("ab\xE2\x82"), 2U);
  EXPECT_EQ(IncompleteUtf8Tail("ab\xE2\x82\xAC"), 0U);
  EXPECT_EQ(IncompleteUtf8Tail("\xF0\x9F\x98"), 3U);
  EXPECT_EQ(IncompleteUtf8Tail("\xF0\x9F\x98\x80"), 0U);
}

TEST(Utf8Test, KeepsNothingThatIsMalformedAlready) {
  EXPECT_EQ(IncompleteUtf8Tail("\x80\x80\x80"), 0U);
  EXPECT_EQ(IncompleteUtf8Tail("\xE0\x9F"), 0U);
  EXPECT_EQ(IncompleteUtf8Tail("\xED\xA0"), 0U);
  EXPECT_EQ(IncompleteUtf8Tail("\xFF"), 0U);
  EXPECT_EQ(IncompleteUtf8Tail("\xC3\xA9\x80"), 0U);
}

}  // namespace
}  // namespace caravel::runtime
