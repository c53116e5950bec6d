#include "runtime/testing/js_test.h"

namespace caravel::runtime {
namespace {

using EncodingOpsTest = JsTest;

TEST_F(EncodingOpsTest, EncodesStringsOfEachKind) {
  EXPECT_EQ(Evaluate("native.utf8Encode('abc')"), "97,98,99");
  EXPECT_EQ(Evaluate("native.utf8Encode('\\u00e9')"), "195,169");
  EXPECT_EQ(Evaluate("native.utf8Encode('\\u20ac\\u{1f600}')"),
            "226,130,172,240,159,152,128");
  EXPECT_EQ(Evaluate("native.utf8Encode('').length"), "0");
}

TEST_F(EncodingOpsTest, EncodesLoneSurrogatesAsReplacements) {
  EXPECT_EQ(Evaluate("native.utf8Encode('\\ud800a\\udc00')"),
            "239,191,189,97,239,191,189");
}

// A plain loop over the characters tells what encodeInto must answer.
TEST_F(EncodingOpsTest, EncodesIntoAViewWhatFits) {
  EXPECT_EQ(Evaluate(R"js(
        function expected(text, room) {
          let read = 0, written = 0;
          for (const character of text) {
            const point = character.codePointAt(0);
            const size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
            if (written + size > room) break;
            written += size;
            read += character.length;
          }
          return `${read} ${written}`;
        }
        const wrong = [];
        for (const part of ['a', '\u00e9', '\u65e5', '\u{1f600}', '\ud83d', 'x\ude00',
                            'a\u{1f600}', '\u65e5\u{1f600}', 'a\u00e9\u65e5\u{1f600}\ud83d']) {
          const text = part.repeat(40);
          for (let room = 0; room < 200; ++room) {
            const view = new Uint8Array(room + 1);
            view[room] = 0xee;
            native.utf8EncodeInto(text, view.subarray(0, room));
            const [read, written] = native.scratch;
            const bytes = native.utf8Encode(text.slice(0, read));
            if (`${read} ${written}` !== expected(text, room) || view[room] !== 0xee ||
                bytes.some((byte, i) => byte !== view[i]))
              wrong.push(`${part}/${room}`);
          }
        }
        wrong.join();
      )js"),
            "");
}

TEST_F(EncodingOpsTest, DecodesIntoTheNarrowestString) {
  EXPECT_EQ(Evaluate("native.utf8Decode(native.utf8Encode('ab\\u00e9'), true, "
                     "false) === 'ab\\u00e9'"),
            "true");
  EXPECT_EQ(Evaluate("native.utf8Decode(native.utf8Encode("
                     "'\\u00e9\\u20ac\\u{1f600}').buffer, true, false) === "
                     "'\\u00e9\\u20ac\\u{1f600}'"),
            "true");
  EXPECT_EQ(Evaluate("native.utf8Decode(new ArrayBuffer(0), true, false)"), "");
}

TEST_F(EncodingOpsTest, ReadsOnlyTheBytesOfTheView) {
  EXPECT_EQ(Evaluate("native.utf8Decode(new DataView("
                     "Uint8Array.of(120, 97, 98, 120).buffer, 1, 2), true, "
                     "false)"),
            "ab");
}

TEST_F(EncodingOpsTest, DropsTheByteOrderMarkUnlessIgnored) {
  Evaluate("marked = Uint8Array.of(0xef, 0xbb, 0xbf, 97)");
  EXPECT_EQ(Evaluate("native.utf8Decode(marked, false, false).length"), "1");
  EXPECT_EQ(Evaluate("native.utf8Decode(marked, false, true).length"), "2");
}

TEST_F(EncodingOpsTest, ReplacesOrRefusesMalformedBytes) {
  Evaluate("malformed = Uint8Array.of(97, 0xff, 98)");
  EXPECT_EQ(Evaluate("native.utf8Decode(malformed, false, false)"),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(Evaluate("native.utf8Decode(malformed, true, false)"),
            "TypeError: The encoded data was not valid for encoding utf-8");
}

TEST_F(EncodingOpsTest, StreamsCharactersAcrossPieces) {
  Evaluate(
      "decoder = native.decoderNew('utf-8', true, false);"
      "bytes = native.utf8Encode('\\ufeffa\\u20ac\\u{1f600}\\ufeff')");
  EXPECT_EQ(Evaluate("Array.from(bytes, (byte) => "
                     "decoder.decode(Uint8Array.of(byte), true)).join('') + "
                     "decoder.decode(new Uint8Array(), false) === "
                     "'a\\u20ac\\u{1f600}\\ufeff'"),
            "true");
  // The mark is dropped at the start of the next stream too.
  EXPECT_EQ(Evaluate("decoder.decode(bytes, false).charAt(0)"), "a");
}

TEST_F(EncodingOpsTest, AFatalDecoderRefusesACharacterThatIsCutShort) {
  Evaluate("decoder = native.decoderNew('utf-8', true, false)");
  EXPECT_EQ(Evaluate("decoder.decode(Uint8Array.of(0xe2, 0x82), true)"), "");
  EXPECT_EQ(Evaluate("decoder.decode(new Uint8Array(), false)"),
            "TypeError: The encoded data was not valid for encoding utf-8");
  EXPECT_EQ(Evaluate("decoder.decode(Uint8Array.of(97), false)"), "a");
}

TEST_F(EncodingOpsTest, DecodesOtherEncodings) {
  EXPECT_EQ(Evaluate("native.decoderNew('utf-16le', true, false).decode("
                     "Uint8Array.of(0xff, 0xfe, 97, 0), false)"),
            "a");
  EXPECT_EQ(Evaluate("native.decoderNew('shift_jis', true, false).decode("
                     "Uint8Array.of(0x93, 0xfa), false) === '\\u65e5'"),
            "true");
  EXPECT_EQ(Evaluate("native.decoderNew('gbk', true, false).decode("
                     "Uint8Array.of(0xff), false)"),
            "TypeError: The encoded data was not valid for encoding gbk");
}

TEST_F(EncodingOpsTest, NamesTheEncodingOfALabel) {
  EXPECT_EQ(Evaluate("native.decoderLabel(' Latin1 ')"), "windows-1252");
  EXPECT_EQ(Evaluate("native.decoderLabel('nope')"), "null");
  EXPECT_EQ(Evaluate("native.decoderLabel('utf-8'.padEnd(1024))"), "utf-8");
  EXPECT_EQ(Evaluate("native.decoderLabel('utf-8'.padEnd(1025))"), "null");
  EXPECT_EQ(Evaluate("native.decoderNew('nope', false, false)"),
            "TypeError: \"nope\" is not the name of an encoding. use the name "
            "that decoderLabel answers");
}

TEST_F(EncodingOpsTest, WritesBase64) {
  EXPECT_EQ(Evaluate("['', 'a', 'ab', 'abc', '\\xff\\xfe'].map(native.btoa)"),
            ",YQ==,YWI=,YWJj,//4=");
  // Two bytes a character in memory, Latin-1 all the same.
  EXPECT_EQ(Evaluate("native.btoa('\\u20acabc'.slice(1))"), "YWJj");
  EXPECT_EQ(Evaluate("native.btoa('\\u20ac')"),
            "TypeError: btoa: the text has a character above U+00FF");
}

// Cases of the Web Platform Tests, html/webappapis/atob.
TEST_F(EncodingOpsTest, ReadsBase64ForgivingWhatTheStandardForgives) {
  EXPECT_EQ(Evaluate("['abcd', ' abcd', 'ab', 'abc', 'ab==', 'abc=',"
                     " 'a b c d', 'ab\\t\\n\\f\\r =\\n=', 'YR', 'ab = = ']"
                     ".map((text) => native.atob(text).length)"),
            "3,3,1,2,1,2,3,1,1,1");
  EXPECT_EQ(Evaluate("native.atob('') === '' && native.atob('//A') === "
                     "'\\xff\\xf0'"),
            "true");
}

TEST_F(EncodingOpsTest, RefusesWhatIsNoBase64) {
  EXPECT_EQ(Evaluate("['a', 'abcde', '=', '====', 'a=', 'ab=', 'ab===',"
                     " 'abc==', 'abcd=', 'abcd===', 'ab\\xa0cd', 'ab\\vcd',"
                     " 'A-_', 'a=b', '\\0', '\\u20ac', 'abcd\\u2003']"
                     ".filter((text) => native.atob(text) !== null).length"),
            "0");
}

}  // namespace
}  // namespace caravel::runtime
