// What Node's own tests of http (tests/node) do not show: that llhttp.h is
// right for the binary's llhttp, bounds, and callbacks that Node's library
// never makes.
#include "runtime/ops/node/http_binding.h"

#include <gmock/gmock.h>

#include "runtime/testing/js_test.h"

namespace caravel::runtime {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class HttpBindingTest : public JsTest {
 protected:
  HttpBindingTest() {
    Evaluate(
        "parser = native.nodeBinding('http').parserNew();"
        "utf8 = text => native.utf8Encode(text);"
        "seen = []; bytes = null;"
        "text = (at, size) => native.utf8Decode(bytes.slice(at, at + size),"
        "  false, false);"
        "owner = {"
        "  1: (headers) => { seen.push('trailers', ...headers); },"
        "  2: (...head) => { seen.push('head', ...head.flat()); return 0; },"
        "  3: (at, size) => { seen.push('body', text(at, size)); },"
        "  4: () => { seen.push('end'); } };"
        "run = (type, input, { lenient = 0, head = 16384, step = 1e9 } = {}) "
        "=> {"
        "  parser.initialize(type, head, lenient); seen = []; let result = 0;"
        "  const all = utf8(input);"
        "  for (let i = 0; i < all.length; i += step) {"
        "    bytes = all.slice(i, i + step);"
        "    result = parser.execute(owner, bytes); }"
        "  return `${result} ${seen.map(String).join('|')}`; };");
  }
};

TEST_F(HttpBindingTest, ARequestIsTakenApart) {
  EXPECT_EQ(Evaluate("run(1, 'PUT /a?b HTTP/1.1\\r\\nHost: x\\r\\nEmpty:\\r\\n"
                     "Padded:  y \\t\\r\\nContent-Length: 3\\r\\n\\r\\nabc')"),
            "74 head|1|1|Host|x|Empty||Padded|y|Content-Length|3|4|/a?b|"
            "undefined|undefined|false|true|body|abc|end");
}

TEST_F(HttpBindingTest, AResponseIsTakenApart) {
  EXPECT_EQ(
      Evaluate("run(2, 'HTTP/1.0 404 Not Found\\r\\nA: b\\r\\n"
               "Transfer-Encoding: chunked\\r\\n\\r\\n2\\r\\nhi\\r\\n0\\r\\n"
               "T: v\\r\\n\\r\\n')"),
      "78 head|1|0|A|b|Transfer-Encoding|chunked|undefined|undefined|404|"
      "Not Found|false|false|body|hi|trailers|T|v|end");
  EXPECT_THAT(
      Evaluate("run(2, 'HTTP/1.1 200\\r\\nContent-Length: 0\\r\\n\\r\\n')"),
      HasSubstr("head|1|1|Content-Length|0|undefined|undefined|200||"));
}

TEST_F(HttpBindingTest, ItIsTheSameWhereverTheBytesAreCut) {
  EXPECT_EQ(Evaluate("whole = 'POST /path HTTP/1.1\\r\\nName: value\\r\\n"
                     "Other: \\r\\nContent-Length: 1\\r\\n\\r\\nx';"
                     "run(1, whole).replace('65', '1') ==="
                     "  run(1, whole, { step: 1 })"),
            "true");
}

TEST_F(HttpBindingTest, WhatIsNoHttpIsRefusedByName) {
  EXPECT_EQ(Evaluate("run(1, 'NONSENSE')"),
            "2,HPE_INVALID_METHOD,Invalid method encountered ");
  EXPECT_THAT(Evaluate("run(1, 'GET / HTTP/1.1\\r\\nA: \\x01\\r\\n\\r\\n')"),
              HasSubstr("HPE_INVALID_HEADER_TOKEN"));
  EXPECT_THAT(Evaluate("run(1, 'GET / HTTP/1.1\\r\\nA: \\x01\\r\\n\\r\\n',"
                       "  { lenient: 1 })"),
              HasSubstr("head|1|1|A|\x01|1|/"));
}

TEST_F(HttpBindingTest, AHeadHasItsLimit) {
  EXPECT_THAT(Evaluate("run(1, 'GET / HTTP/1.1\\r\\nA: ' + 'x'.repeat(100),"
                       "  { head: 100 })"),
              HasSubstr("HPE_HEADER_OVERFLOW,Header overflow"));
  EXPECT_THAT(Evaluate("run(1, 'GET / HTTP/1.1\\r\\nA: ' +"
                       "  'x'.repeat(2 << 20), { head: 2 ** 32 - 1 })"),
              HasSubstr("HPE_HEADER_OVERFLOW"));
  EXPECT_THAT(Evaluate("run(1, 'POST / HTTP/1.1\\r\\nTransfer-Encoding: chunked"
                       "\\r\\n\\r\\n1;' + 'x'.repeat(20000))"),
              HasSubstr("HPE_CHUNK_EXTENSIONS_OVERFLOW"));
}

TEST_F(HttpBindingTest, HeadsThatAreHeldAreCounted) {
  Evaluate(
      "run(1, 'GET / HTTP/1.1\\r\\nA: ' + 'x'.repeat(10000)); bytes = null");
  CollectGarbage();
  const size_t held = memory_->used();
  Evaluate("run(1, 'GET / HTTP/1.1\\r\\n\\r\\n'); bytes = null");
  CollectGarbage();
  EXPECT_LT(memory_->used() + 9000, held);
}

TEST_F(HttpBindingTest, CallbacksMayDoAnything) {
  const char* request =
      "'POST / HTTP/1.1\\r\\nContent-Length: 200000\\r\\n\\r\\n'"
      " + 'x'.repeat(200000)";
  // Detach the buffer, and use the parser while it is at work.
  EXPECT_EQ(
      Evaluate(fmt::format("owner[3] = () => {{ bytes.buffer.transfer(); }};"
                           "parser.initialize(1, 16384, 0); bytes = utf8({0});"
                           "String(parser.execute(owner, bytes))",
                           request)),
      "65536");
  for (const char* call :
       {"parser.execute(owner, bytes)", "parser.initialize(1, 1, 1)"}) {
    EXPECT_THAT(Evaluate(fmt::format("owner[3] = () => {{ {1}; }};"
                                     "parser.initialize(1, 16384, 0);"
                                     "bytes = utf8({0});"
                                     "parser.execute(owner, bytes)",
                                     request, call)),
                HasSubstr("the parser is at work"));
  }
  EXPECT_EQ(
      Evaluate("owner[3] = () => { parser.finish(owner);"
               "  parser.pause(true); };"
               "run(1, 'POST / HTTP/1.1\\r\\nContent-Length: 1\\r\\n\\r\\nx')"
               "  .split(' ')[0]"),
      "39");
  EXPECT_THAT(Evaluate("String(parser.execute(owner, utf8('GET')))"),
              HasSubstr("HPE_PAUSED"));
  EXPECT_THAT(Evaluate("parser.pause(false);"
                       "String(parser.execute(owner, utf8('GET')))"),
              StartsWith("3"));
  EXPECT_EQ(Evaluate("owner[2] = () => { throw new RangeError('mine'); };"
                     "run(1, 'GET / HTTP/1.1\\r\\n\\r\\n')"),
            "RangeError: mine");
  EXPECT_EQ(Evaluate("Object.defineProperty(owner, 2, { get() {"
                     "  throw new RangeError('getter'); } });"
                     "run(1, 'GET / HTTP/1.1\\r\\n\\r\\n')"),
            "RangeError: getter");
}

TEST_F(HttpBindingTest, BytesThatBecomeMoreMeanwhileAreReadPieceByPiece) {
  EXPECT_EQ(
      Evaluate(
          "head = utf8('POST / HTTP/1.1\\r\\nContent-Length: 200000\\r\\n"
          "\\r\\n');"
          "grown = new ArrayBuffer(head.length, { maxByteLength: 1 << 20 });"
          "view = new Uint8Array(grown); view.set(head);"
          "parser.initialize(1, 16384, 0); read = 0; longest = 0;"
          "result = parser.execute({"
          "  2: () => { grown.resize(head.length + 150000);"
          "    view.fill(65, head.length); return 0; },"
          "  3: (at, size) => { read += size;"
          "    longest = Math.max(longest, size); },"
          "}, view);"
          "[result - head.length, read, longest <= head.length]"),
      "150000,150000,true");
}

TEST_F(HttpBindingTest, AParserThatWasNotBegunSaysSo) {
  EXPECT_THAT(Evaluate("native.nodeBinding('http').parserNew()"
                       "  .execute({}, utf8('x'))"),
              HasSubstr("not initialized"));
  EXPECT_THAT(Evaluate("parser.initialize(3, 1, 0)"),
              HasSubstr("no such type"));
  EXPECT_THAT(
      Evaluate("parser.initialize(1, 1000, 0); parser.execute({}, 'x')"),
      HasSubstr("TypeError"));
}

}  // namespace
}  // namespace caravel::runtime
