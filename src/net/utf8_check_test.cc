#include "net/utf8_check.h"

#include <gtest/gtest.h>

#include <string>

namespace caravel::net {
namespace {

struct Text {
  std::string_view bytes;
  bool good;
};

constexpr Text kTexts[] = {
    {"", true},
    {"plain ASCII that is longer than eight bytes", true},
    {"\xC2\x80 \xDF\xBF", true},
    {"\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF", true},
    {"\xF0\x90\x80\x80\xF4\x8F\xBF\xBF", true},
    {"12345678\xCE\xBA\xE1\xBD\xB9", true},
    {"\x80", false},              // a continuation alone
    {"\xC0\xAF", false},          // overlong
    {"\xC1\xBF", false},          // overlong
    {"\xE0\x9F\xBF", false},      // overlong
    {"\xF0\x8F\xBF\xBF", false},  // overlong
    {"\xED\xA0\x80", false},      // a surrogate
    {"\xF4\x90\x80\x80", false},  // above U+10FFFF
    {"\xF5\x80\x80\x80", false},
    {"\xFE", false},
    {"\xCE", false},  // not whole
    {"\xE2\x82", false},
    {"\xF0\x9F\x98", false},
    {"12345678\xCE\x41", false},
};

TEST(Utf8CheckTest, TellsUtf8FromWhatIsNot) {
  for (const Text& text : kTexts) {
    EXPECT_EQ(IsUtf8(text.bytes), text.good) << text.bytes;
  }
}

TEST(Utf8CheckTest, SaysTheSameWhereverTheBytesAreCut) {
  for (const Text& text : kTexts) {
    for (size_t cut = 0; cut <= text.bytes.size(); ++cut) {
      Utf8Check check;
      const bool good = check.Take(text.bytes.substr(0, cut)) &&
                        check.Take(text.bytes.substr(cut)) &&
                        check.AtBoundary();
      EXPECT_EQ(good, text.good) << text.bytes << " cut at " << cut;
    }
  }
}

TEST(Utf8CheckTest, RefusesAtTheByteThatSpoilsTheText) {
  Utf8Check check;
  EXPECT_TRUE(check.Take("\xF4"));
  EXPECT_FALSE(check.AtBoundary());
  EXPECT_FALSE(check.Take("\x90"));
}

}  // namespace
}  // namespace caravel::net
