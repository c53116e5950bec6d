#include "runtime/ops/node/text_codec.h"

#include <gtest/gtest.h>

namespace caravel::runtime {
namespace {

std::string FromBase64(std::string_view text, size_t room = 100) {
  std::string out(room, '\0');
  out.resize(ReadBase64(text, out.data(), room));
  return out;
}

std::string FromHex(std::string_view text, size_t room = 100) {
  std::string out(room, '\0');
  out.resize(ReadHex(text, out.data(), room));
  return out;
}

TEST(TextCodecTest, Base64IsReadInBothAlphabetsAroundWhatIsNoDigit) {
  EXPECT_EQ(FromBase64("Zm9vYmFy"), "foobar");
  EXPECT_EQ(FromBase64("Zm9v\nYm Fy"), "foobar");
  EXPECT_EQ(FromBase64("+//+"), "\xFB\xFF\xFE");
  EXPECT_EQ(FromBase64("-__-"), "\xFB\xFF\xFE");
  EXPECT_EQ(FromBase64("Zg"), "f");
  EXPECT_EQ(FromBase64("Zg==Zg=="), "f");
  EXPECT_EQ(FromBase64("Z"), "");
}

TEST(TextCodecTest, ReadingStopsWhereTheRoomEnds) {
  EXPECT_EQ(FromBase64("Zm9vYmFy", 4), "foob");
  EXPECT_EQ(FromHex("666f6f", 2), "fo");
}

TEST(TextCodecTest, HexadecimalEndsAtTheFirstPairThatIsNone) {
  EXPECT_EQ(HexOf(std::string_view("\0\xFF\x1a", 3)), "00ff1a");
  EXPECT_EQ(FromHex("66Fg66"), "f");
  EXPECT_EQ(FromHex("666F6"), "fo");
  EXPECT_EQ(FromHex("x"), "");
}

}  // namespace
}  // namespace caravel::runtime
