#include "runtime/ops/node/text_codec.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cctype>
#include <string>

namespace caravel::runtime {
namespace {

std::string FromBase64(std::string_view text, size_t room = 100) {
  std::string out(room, '\0');
  out.resize(ReadBase64(text, out.data(), room));
  return out;
}

std::string ToHex(std::string_view bytes) {
  std::string out(bytes.size() * 2, '\0');
  WriteHex(bytes, out.data());
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
  EXPECT_EQ(FromHex("66Fg66"), "f");
  EXPECT_EQ(FromHex("666F6"), "fo");
  EXPECT_EQ(FromHex("x"), "");
}

TEST(TextCodecTest, EachByteIsTwoDigitsOfHexadecimal) {
  EXPECT_EQ(ToHex(std::string_view("\0\xFF\x1a", 3)), "00ff1a");
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  const std::string digits = ToHex(all);
  for (size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(digits.substr(2 * i, 2), fmt::format("{:02x}", i));
  }
  EXPECT_EQ(FromHex(digits, 1000), all);
}

TEST(TextCodecTest, OnlyDigitsAreReadAsHexadecimal) {
  // In each place of a text that is read in blocks, and behind them.
  for (int c = 0; c < 256; ++c) {
    const bool digit = c < 128 && std::isxdigit(c) != 0;
    for (size_t at = 0; at < 70; ++at) {
      std::string text(70, '4');
      text[at] = static_cast<char>(c);
      EXPECT_EQ(FromHex(text, 1000).size(), digit ? 35 : at / 2) << c;
    }
  }
}

TEST(TextCodecTest, WhatIsNotReadIsNotWritten) {
  std::string text(66, '4');
  text[65] = 'g';
  std::string out(33, '?');
  EXPECT_EQ(ReadHex(text, out.data(), out.size()), 32U);
  EXPECT_EQ(out, std::string(32, 'D') + "?");
}

}  // namespace
}  // namespace caravel::runtime
