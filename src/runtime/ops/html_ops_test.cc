#include "runtime/ops/html_ops.h"

#include <gmock/gmock.h>

#include "runtime/testing/js_test.h"

namespace caravel::runtime {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class HtmlOpsTest : public JsTest {
 protected:
  // A rewriter of a document in that encoding, with handlers for <p>.
  std::string New(const std::string& label = "utf-8") {
    return Evaluate(
        "rewriter = native.htmlBinding().rewriterNew([7], ['p'], [], '" +
        label + "'); typeof rewriter");
  }
};

TEST_F(HtmlOpsTest, ATokenThatDoesNotEndIsHeldUpToTheMemoryLimit) {
  New();
  memory_->set_limit(memory_->used() + (4 << 20));
  EXPECT_THAT(
      Evaluate("piece = new Uint8Array(1 << 16); rewriter.push("
               "Uint8Array.of(60, 33, 45, 45));"
               "for (let i = 0; i < 1000; ++i) {"
               "  rewriter.next(); rewriter.push(piece); }"),
      StartsWith("RangeError: HTMLRewriter: the document does not fit"));
  EXPECT_EQ(Evaluate("rewriter.next()"), "9");
}

TEST_F(HtmlOpsTest, NothingIsCopiedThatDoesNotFit) {
  Evaluate(
      "bytes = new Uint8Array(2 << 20); text = 'x'.repeat(2 << 20);"
      "brackets = '<'.repeat(300000)");
  for (const char* call :
       {"rewriter.push(bytes)", "rewriter.insert(0, text, true, 0)",
        "rewriter.insert(0, brackets, false, 0)", "rewriter.write(bytes, true)",
        "rewriter.setAttribute('a', text)", "rewriter.setComment(text)"}) {
    New();
    CollectGarbage();
    memory_->set_limit(memory_->used() + (1 << 20));
    EXPECT_THAT(Evaluate(call),
                StartsWith("RangeError: HTMLRewriter: the document does not "
                           "fit"))
        << call;
    EXPECT_EQ(Evaluate("rewriter.next()"), "9");
    memory_->set_limit(128 << 20);
  }
}

TEST_F(HtmlOpsTest, ACharacterThatIsWrittenInTwoPiecesStaysWhole) {
  const std::string text =
      "String.fromCharCode(...new Uint8Array(rewriter.take()))";
  const std::string begin =
      "rewriter.push(Uint8Array.of(60, 112, 62)); rewriter.next();"
      "rewriter.insert(0, '', true, 1); rewriter.next();";
  New("windows-1252");
  EXPECT_EQ(Evaluate(begin +
                     "rewriter.write(Uint8Array.of(97, 0xf0, 0x9f), false);"
                     "rewriter.write(Uint8Array.of(0x98), false);"
                     "rewriter.write(Uint8Array.of(0x80, 60), false);"
                     "rewriter.next();" +
                     text),
            "a&#128512;&lt;<p>");
  New("windows-1252");
  EXPECT_EQ(Evaluate(begin +
                     "rewriter.write(Uint8Array.of(97, 0xf0, 0x9f), false);"
                     "rewriter.next();" +
                     text),
            "a&#65533;<p>");
}

TEST_F(HtmlOpsTest, WhatItHoldsIsGivenBack) {
  New();
  const size_t before = memory_->used();
  Evaluate(
      "rewriter.push(new Uint8Array(200000).fill(60)); rewriter.next();"
      "rewriter.insert(0, 'x'.repeat(1000), true, 0)");
  EXPECT_GT(memory_->used(), before + 200'000);
  Evaluate("rewriter.close()");
  CollectGarbage();
  EXPECT_LE(memory_->used(), before);
}

TEST_F(HtmlOpsTest, MuchWorkIsDoneInParts) {
  New();
  EXPECT_EQ(
      Evaluate("rewriter.push(new Uint8Array(20 << 20));"
               "[rewriter.next(), rewriter.next(), rewriter.next()].join()"),
      "1,1,0");
}

TEST_F(HtmlOpsTest, SelectorsAreBounded) {
  EXPECT_THAT(Evaluate("native.htmlBinding().checkSelectors("
                       "'*:not(' + '[x],'.repeat(1e5) + 'a)')"),
              HasSubstr("more than 16384 bytes"));
  EXPECT_THAT(Evaluate("many = Array.from({ length: 100 },"
                       "  () => '[abc]'.repeat(40));"
                       "native.htmlBinding().rewriterNew("
                       "  many.map(() => 7), many, [], 'utf-8')"),
              HasSubstr("more than 16384 bytes"));
}

TEST_F(HtmlOpsTest, ACommentIsNotEndedByItsText) {
  New();
  EXPECT_EQ(Evaluate("refused = (text) => { try {"
                     "  rewriter.setComment(text); return 0"
                     "} catch { return 1 } };"
                     "['a-->b', 'a--!>b', '>a', '->a', 'a<!-', 'a--!', 'a->b',"
                     " 'a--b', 'a!-'].map(refused).join('')"),
            "111111000");
}

TEST_F(HtmlOpsTest, EncodingsThatAreNotLikeAsciiAreRefused) {
  EXPECT_THAT(New("utf-16"), HasSubstr("a document in utf-16le cannot be"));
  EXPECT_THAT(New("none"), HasSubstr("\"none\" is not an encoding"));
  EXPECT_EQ(New("Shift_JIS"), "object");
}

TEST_F(HtmlOpsTest, InsertedCharactersBecomeReferencesWhereNoEncoderIs) {
  New("windows-1252");
  EXPECT_EQ(
      Evaluate("rewriter.push(Uint8Array.of(60, 112, 62)); rewriter.next();"
               "rewriter.insert(0, '\\u00e4<\\ud83d\\ude00', false, 0);"
               "rewriter.next();"
               "String.fromCharCode(...new Uint8Array(rewriter.take()))"),
      "&#228;&lt;&#128512;<p>");
}

TEST_F(HtmlOpsTest, AtTheWrongTimeNothingHappens) {
  New();
  EXPECT_EQ(
      Evaluate(
          "[rewriter.name(), rewriter.attribute('a'), rewriter.text(),"
          " rewriter.attributes().length, rewriter.removed(),"
          " rewriter.doctype().join(), rewriter.handlers().length].join()"),
      ",,,0,false,,,,0");
  Evaluate(
      "rewriter.remove(false); rewriter.wantEndTag(); rewriter.setName('a')");
  EXPECT_EQ(Evaluate("rewriter.next()"), "0");
}

}  // namespace
}  // namespace caravel::runtime
