#include "runtime/ops/encoding_label.h"

#include <gtest/gtest.h>

#include "runtime/ops/byte_decoder.h"

namespace caravel::runtime {
namespace {

TEST(EncodingLabelTest, NamesTheEncodingOfALabel) {
  EXPECT_EQ(EncodingOfLabel("utf8"), "utf-8");
  EXPECT_EQ(EncodingOfLabel("latin1"), "windows-1252");
  EXPECT_EQ(EncodingOfLabel("unicodefffe"), "utf-16be");
  EXPECT_EQ(EncodingOfLabel("866"), "ibm866");
  EXPECT_EQ(EncodingOfLabel("x-x-big5"), "big5");
}

TEST(EncodingLabelTest, IgnoresCaseAndAsciiWhitespaceAround) {
  EXPECT_EQ(EncodingOfLabel(" \t\n\f\rUTF-8\r "), "utf-8");
  EXPECT_EQ(EncodingOfLabel("Shift_JIS"), "shift_jis");
}

TEST(EncodingLabelTest, KnowsNoOtherLabels) {
  EXPECT_EQ(EncodingOfLabel(""), std::nullopt);
  EXPECT_EQ(EncodingOfLabel("  "), std::nullopt);
  EXPECT_EQ(EncodingOfLabel("utf-7"), std::nullopt);
  EXPECT_EQ(EncodingOfLabel("utf 8"), std::nullopt);
  EXPECT_EQ(EncodingOfLabel("\vutf-8"), std::nullopt);
  EXPECT_EQ(EncodingOfLabel("\xC2\xA0utf-8"), std::nullopt);
}

TEST(EncodingLabelTest, RefusesTheReplacementEncoding) {
  EXPECT_EQ(EncodingOfLabel("replacement"), std::nullopt);
  EXPECT_EQ(EncodingOfLabel("iso-2022-kr"), std::nullopt);
}

TEST(EncodingLabelTest, EveryNameHasADecoder) {
  for (const std::string_view label :
       {"utf-16le",     "utf-16be",      "x-user-defined", "gbk",
        "gb18030",      "big5",          "euc-jp",         "iso-2022-jp",
        "shift_jis",    "euc-kr",        "ibm866",         "iso-8859-2",
        "iso-8859-3",   "iso-8859-4",    "iso-8859-5",     "iso-8859-6",
        "iso-8859-7",   "iso-8859-8",    "iso-8859-8-i",   "iso-8859-10",
        "iso-8859-13",  "iso-8859-14",   "iso-8859-15",    "iso-8859-16",
        "koi8-r",       "koi8-u",        "macintosh",      "windows-874",
        "windows-1250", "windows-1251",  "windows-1252",   "windows-1253",
        "windows-1254", "windows-1255",  "windows-1256",   "windows-1257",
        "windows-1258", "x-mac-cyrillic"}) {
    EXPECT_EQ(EncodingOfLabel(label), label);
    EXPECT_NE(NewByteDecoder(label), nullptr) << label;
  }
}

}  // namespace
}  // namespace caravel::runtime
