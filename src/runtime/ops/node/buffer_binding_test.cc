// What Node's own tests do not ask of the binding: arguments of script that is
// hostile. Its native functions are reached here as Node's library reaches
// them, and directly.
#include <gmock/gmock.h>

#include "runtime/testing/js_test.h"

namespace caravel::runtime {
namespace {

using ::testing::HasSubstr;

class BufferBindingTest : public JsTest {
 protected:
  BufferBindingTest() {
    Evaluate(
        "b = native.nodeBinding('buffer');"
        "util = native.nodeBinding('util');"
        "made = (size) => new Uint8Array(new ArrayBuffer(size)).fill(65);"
        "told = (call) => { try { return String(call()) } catch (e) { return "
        "e.name + ' ' + e.code } };");
  }
};

TEST_F(BufferBindingTest,
       ABufferThatIsGivenAwayWhileAnIndexIsConvertedIsEmpty) {
  EXPECT_EQ(Evaluate("a = made(4096);"
                     "told(() => b.latin1Slice(a, 0, { valueOf() {"
                     "  a.buffer.transfer(0); return 4096 } }))"),
            "RangeError ERR_OUT_OF_RANGE");
  EXPECT_EQ(Evaluate("a = made(4096);"
                     "told(() => b.hexWrite(a, '4142', 2000, { valueOf() {"
                     "  a.buffer.transfer(0); return 64 } }))"),
            "RangeError ERR_BUFFER_OUT_OF_BOUNDS");
  EXPECT_EQ(Evaluate("a = made(4096);"
                     "told(() => b.indexOfString(a, 'A', 0, 1, true, {"
                     "  valueOf() { a.buffer.transfer(0); return 4096 } }))"),
            "-1");
}

TEST_F(BufferBindingTest, ABufferThatShrinksMeanwhileIsReadAsFarAsItGoes) {
  EXPECT_EQ(Evaluate("r = new ArrayBuffer(4096, { maxByteLength: 8192 });"
                     "a = new Uint8Array(r);"
                     "told(() => b.base64Write(a, 'QUJD', { valueOf() {"
                     "  r.resize(0); return 100 } }, 50))"),
            "RangeError ERR_BUFFER_OUT_OF_BOUNDS");
}

TEST_F(BufferBindingTest, Base64IsOfEitherAlphabetAndStaysInItsRoom) {
  EXPECT_EQ(Evaluate("a = made(6); a.set([0xFB, 0xFF, 0xFE, 0x66, 0x6F]);"
                     "[b.base64Slice(a, 0, 3), b.base64urlSlice(a, 0, 3),"
                     " b.base64Slice(a, 3, 5), b.base64urlSlice(a, 3, 5),"
                     " b.base64Slice(a, 3, 4), b.base64urlSlice(a, 3, 4)]"),
            "+//+,-__-,Zm8=,Zm8,Zg==,Zg");
  EXPECT_EQ(Evaluate("read = (text, size = 9) => { a = made(size + 1);"
                     "  n = b.base64Write(a, text, 0, size);"
                     "  return b.latin1Slice(a, 0, n) + a[n] };"
                     "[read('Zm9vYmFy'), read('Zm9vYg=='), read('Zm9vYg'),"
                     " read('Zm9v\\nYm Fy'), read('Zg==Zg=='), read('Z'),"
                     " read('Zm9vYmFy', 4), read('Zm9v\\u20ac')]"),
            "foobar65,foob65,foob65,foobar65,f65,65,foob65,foo65");
  EXPECT_EQ(Evaluate("read('+_/-') === read('-/_+')"), "true");
}

TEST_F(BufferBindingTest, TextIsWrittenInWholeCharacters) {
  EXPECT_EQ(
      Evaluate("write = (text, size) => { a = made(size + 1);"
               "  n = b.utf8WriteStatic(a, text, 0, size);"
               "  return [n, ...a].join(' ') };"
               "[write('a\\u20ac', 3), write('a\\u20ac', 4),"
               " write('\\u{1F600}!', 3), write('\\u{1F600}!', 5),"
               " write('\\xe9\\xe9', 3), write('\\ud800x', 4),"
               " write('x', 0), b.byteLengthUtf8('\\ud800\\xe9\\u20ac')]"),
      "1 97 65 65 65,4 97 226 130 172 65,0 65 65 65 65,"
      "5 240 159 152 128 33 65,2 195 169 65 65,4 239 191 189 120 65,"
      "0 65,8");
}

TEST_F(BufferBindingTest, ASetterOfScriptIsNotCalledForAnError) {
  EXPECT_EQ(Evaluate("called = 0;"
                     "Object.defineProperty(RangeError.prototype, 'code', {"
                     "  set() { called++; throw 1 }, get() { return 'seen' },"
                     "  configurable: true });"
                     "[told(() => b.utf8Slice(made(4), -1)), called]"),
            "RangeError ERR_OUT_OF_RANGE,0");
}

TEST_F(BufferBindingTest, NumbersThatAreNoneMarkNothing) {
  EXPECT_EQ(
      Evaluate("[b.compareOffset(made(4), made(4), NaN, NaN, NaN, NaN),"
               " b.copy(made(4), made(4), NaN, NaN, NaN),"
               " b.indexOfNumber(made(4), 66, NaN, true),"
               " b.fill(made(4), 'x', NaN, NaN, 'utf8'),"
               " b.compareOffset(made(4), made(4), 1e300, -1e300, -1, 9)]"),
      "0,0,-1,-2,1");
}

TEST_F(BufferBindingTest,
       FillIsOfTheBufferAsItIsAfterItsArgumentsWereConverted) {
  EXPECT_EQ(
      Evaluate("a = made(64);"
               "b.fill(a, { valueOf() { a.buffer.transfer(0); return 7 } },"
               "  0, 64)"),
      "-2");
}

TEST_F(BufferBindingTest, PrivateNamesOfThePlatformsClassesStayPrivate) {
  EXPECT_EQ(Evaluate("util.getOwnNonIndexProperties(new Headers(), 32 | 2)"
                     ".filter((key) => String(key).includes('#')).length"),
            "0");
}

TEST_F(BufferBindingTest, WhatStandsBehindAProxyOfThePlatformIsNotTold) {
  EXPECT_EQ(Evaluate("[util.getProxyDetails(WebAssembly.Memory),"
                     " util.getProxyDetails(new Proxy({}, {})).length]"),
            ",2");
}

// A microtask may be the import of a module that is under evaluation.
TEST_F(BufferBindingTest, MicrotasksAreNotRunFromWithinACall) {
  EXPECT_EQ(Evaluate("ran = false;"
                     "Promise.resolve().then(() => { ran = true });"
                     "native.nodeBinding('async').runMicrotasks();"
                     "ran"),
            "false");
}

}  // namespace
}  // namespace caravel::runtime
