#include "runtime/ops/byte_decoder.h"

#include <gtest/gtest.h>

namespace caravel::runtime {
namespace {

struct Decoded {
  std::u16string text;
  bool good = true;
};

// All bytes at once, and again byte by byte: both must come to the same.
Decoded Decode(std::string_view encoding, std::string_view bytes) {
  Decoded whole;
  whole.good = NewByteDecoder(encoding)->Decode(bytes, true, whole.text);

  Decoded pieces;
  const auto decoder = NewByteDecoder(encoding);
  for (const char& byte : bytes) {
    pieces.good &= decoder->Decode({&byte, 1}, false, pieces.text);
  }
  pieces.good &= decoder->Decode({}, true, pieces.text);
  EXPECT_EQ(pieces.text, whole.text) << encoding;
  EXPECT_EQ(pieces.good, whole.good) << encoding;
  return whole;
}

std::u16string Good(std::string_view encoding, std::string_view bytes) {
  const Decoded decoded = Decode(encoding, bytes);
  EXPECT_TRUE(decoded.good) << encoding;
  return decoded.text;
}

std::u16string Malformed(std::string_view encoding, std::string_view bytes) {
  const Decoded decoded = Decode(encoding, bytes);
  EXPECT_FALSE(decoded.good) << encoding;
  return decoded.text;
}

TEST(ByteDecoderTest, SingleByteEncodingsFollowTheirIndex) {
  EXPECT_EQ(Good("windows-1252", "a\x80\x81\xE9"), u"a\u20AC\u0081\u00E9");
  EXPECT_EQ(Good("koi8-r", "\xF0\xD2\xC9"), u"\u041F\u0440\u0438");
  EXPECT_EQ(Good("ibm866", "\x80\xFF"), u"\u0410\u00A0");
  EXPECT_EQ(Good("macintosh", "\xDB"), u"\u20AC");
  EXPECT_EQ(Malformed("windows-1253", "a\xAA"), u"a\uFFFD");
  EXPECT_EQ(Malformed("iso-8859-8", "\xA1"), u"\uFFFD");
}

TEST(ByteDecoderTest, UserDefinedBytesStandInThePrivateUseArea) {
  EXPECT_EQ(Good("x-user-defined", "A\x80\xFF"), u"A\uF780\uF7FF");
}

TEST(ByteDecoderTest, Utf16ReadsEitherByteOrder) {
  EXPECT_EQ(Good("utf-16le", {"a\0\x3D\xD8\x00\xDE", 6}), u"a\U0001F600");
  EXPECT_EQ(Good("utf-16be", {"\0a\xD8\x3D\xDE\x00", 6}), u"a\U0001F600");
}

TEST(ByteDecoderTest, Utf16ReplacesLoneSurrogatesAndACutUnit) {
  EXPECT_EQ(Malformed("utf-16le", {"\x00\xD8"
                                   "a\0",
                                   4}),
            u"\uFFFDa");
  EXPECT_EQ(Malformed("utf-16le", {"\x00\xDC", 2}), u"\uFFFD");
  EXPECT_EQ(Malformed("utf-16le", {"\x00\xD8\x00\xD8", 4}), u"\uFFFD\uFFFD");
  EXPECT_EQ(Malformed("utf-16le", "a"), u"\uFFFD");
  EXPECT_EQ(Malformed("utf-16be", {"\xD8\x00\xDC", 3}), u"\uFFFD");
}

TEST(ByteDecoderTest, Gb18030ReadsOneTwoAndFourBytes) {
  EXPECT_EQ(Good("gb18030", "a\x80\xC4\xE3\xBA\xC3"), u"a\u20AC\u4F60\u597D");
  EXPECT_EQ(Good("gbk", "\x81\x30\x81\x30"), u"\u0080");
  EXPECT_EQ(Good("gb18030", "\x81\x35\xF4\x37"), u"\uE7C7");
  EXPECT_EQ(Good("gb18030", "\x90\x30\x81\x30"), u"\U00010000");
  EXPECT_EQ(Good("gb18030", "\xE3\x32\x9A\x35"), u"\U0010FFFF");
}

TEST(ByteDecoderTest, Gb18030PutsBackWhatBelongsToTheNextCharacter) {
  EXPECT_EQ(Malformed("gb18030", "\xFF"), u"\uFFFD");
  EXPECT_EQ(Malformed("gb18030", "\x81"), u"\uFFFD");
  EXPECT_EQ(Malformed("gb18030", "\x81\x20"), u"\uFFFD ");
  EXPECT_EQ(Malformed("gb18030", "\x81\xFF"), u"\uFFFD");
  EXPECT_EQ(Malformed("gb18030", "\x81\x30\x20"), u"\uFFFD0 ");
  EXPECT_EQ(Malformed("gb18030", "\x81\x30\x81\x20"), u"\uFFFD0\uFFFD ");
  EXPECT_EQ(Malformed("gb18030", "\x81\x30\x81"), u"\uFFFD");
  EXPECT_EQ(Malformed("gb18030", "\xE3\x32\x9A\x36"), u"\uFFFD");
}

TEST(ByteDecoderTest, Big5HasPairsOfCodePointsAndSupplementaryOnes) {
  EXPECT_EQ(Good("big5", "\xA7\x41\xA6\x6E"), u"\u4F60\u597D");
  EXPECT_EQ(Good("big5", "\x88\x62\x88\x64"), u"\u00CA\u0304\u00CA\u030C");
  EXPECT_EQ(Good("big5", "\x88\xA3\x88\xA5"), u"\u00EA\u0304\u00EA\u030C");
  EXPECT_EQ(Good("big5", "\x87\x45"), u"\U00027267");
  EXPECT_EQ(Good("big5", "\xC6\xDE"), u"\u3003");
  EXPECT_EQ(Malformed("big5", "\x87\x40\x80"), u"\u43F0\uFFFD");
  EXPECT_EQ(Malformed("big5", "\x81\x40"), u"\uFFFD@");
  EXPECT_EQ(Malformed("big5", "\x81\x81"), u"\uFFFD");
}

TEST(ByteDecoderTest, EucJpReadsBothPlanesAndHalfWidthKatakana) {
  EXPECT_EQ(Good("euc-jp", "\xC6\xFC\xCB\xDC"), u"\u65E5\u672C");
  EXPECT_EQ(Good("euc-jp", "\x8E\xB1"), u"\uFF71");
  EXPECT_EQ(Good("euc-jp", "\x8F\xB0\xA1"), u"\u4E02");
  EXPECT_EQ(Malformed("euc-jp", "\x8F\xA1\xA1"), u"\uFFFD");
  EXPECT_EQ(Malformed("euc-jp",
                      "\x8F\xA1"
                      "A"),
            u"\uFFFD"
            u"A");
  EXPECT_EQ(Malformed("euc-jp",
                      "\x8E"
                      "A"),
            u"\uFFFD"
            u"A");
  EXPECT_EQ(Malformed("euc-jp", "\x80"), u"\uFFFD");
}

TEST(ByteDecoderTest, ShiftJisReadsPairsKatakanaAndUserDefinedCharacters) {
  EXPECT_EQ(Good("shift_jis", "\x93\xFA\x96\x7B"), u"\u65E5\u672C");
  EXPECT_EQ(Good("shift_jis", "\\~\x80\xB1"), u"\\~\u0080\uFF71");
  EXPECT_EQ(Good("shift_jis", "\xF0\x40\xF9\xFC"), u"\uE000\uE757");
  EXPECT_EQ(Good("shift_jis", "\xFA\x40"), u"\u2170");
  EXPECT_EQ(Malformed("shift_jis", "\x81"), u"\uFFFD");
  EXPECT_EQ(Malformed("shift_jis", "\x81 "), u"\uFFFD ");
  EXPECT_EQ(Malformed("shift_jis", "\xA0\xFD"), u"\uFFFD\uFFFD");
}

TEST(ByteDecoderTest, EucKrReadsTheUnifiedHangulCode) {
  EXPECT_EQ(Good("euc-kr", "\xC7\xD1\xB1\xDB"), u"\uD55C\uAE00");
  EXPECT_EQ(Good("euc-kr", "\x81\x41"), u"\uAC02");
  EXPECT_EQ(Malformed("euc-kr", "\xC9\xA1"), u"\uFFFD");
  EXPECT_EQ(Malformed("euc-kr", "\x81\x30"),
            u"\uFFFD"
            u"0");
}

TEST(ByteDecoderTest, Iso2022JpFollowsItsEscapes) {
  EXPECT_EQ(Good("iso-2022-jp", "a\x1B$BF|K\\\x1B(Bb"), u"a\u65E5\u672Cb");
  EXPECT_EQ(Good("iso-2022-jp", "\x1B(J\\~\x1B(I1"), u"\u00A5\u203E\uFF71");
  EXPECT_EQ(Good("iso-2022-jp", "\x1B$@F|"), u"\u65E5");
}

TEST(ByteDecoderTest, Iso2022JpRefusesEscapesWithNothingBetweenThem) {
  EXPECT_EQ(Malformed("iso-2022-jp", "\x1B(B\x1B(Ba"),
            u"\uFFFD"
            u"a");
  EXPECT_EQ(Malformed("iso-2022-jp", "\x1B$Z"), u"\uFFFD$Z");
  EXPECT_EQ(Malformed("iso-2022-jp", "\x1B("), u"\uFFFD(");
  EXPECT_EQ(Malformed("iso-2022-jp", "\x1B"), u"\uFFFD");
  EXPECT_EQ(Malformed("iso-2022-jp", "\x1B$BF"), u"\uFFFD");
  EXPECT_EQ(Malformed("iso-2022-jp", "\x1B$BF\x1B(Ba"),
            u"\uFFFD"
            u"a");
  EXPECT_EQ(Malformed("iso-2022-jp", "\x0E\xE9"), u"\uFFFD\uFFFD");
}

TEST(ByteDecoderTest, IsAsNewAfterTheEndOfAStream) {
  const auto decoder = NewByteDecoder("iso-2022-jp");
  std::u16string first;
  EXPECT_FALSE(decoder->Decode("\x1B$BF", true, first));
  std::u16string second;
  EXPECT_TRUE(decoder->Decode("F|", true, second));
  EXPECT_EQ(second, u"F|");
}

TEST(ByteDecoderTest, HasNoneForUtf8AndForUnknownNames) {
  EXPECT_EQ(NewByteDecoder("utf-8"), nullptr);
  EXPECT_EQ(NewByteDecoder("latin1"), nullptr);
}

}  // namespace
}  // namespace caravel::runtime
