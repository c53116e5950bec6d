#include "runtime/js/class.h"

#include "runtime/ops/encoding_ops.h"
#include "runtime/testing/js_test.h"

namespace caravel::js {
namespace {

// TextDecoderState stands for every native class.
class ClassTest : public runtime::JsTest {
 protected:
  ClassTest() {
    Evaluate("decoder = native.decoderNew('utf-16le', false, false)");
  }
};

TEST_F(ClassTest, AnInstanceHasTheMethodsAndNameOfItsClass) {
  EXPECT_EQ(Evaluate("decoder.decode(Uint8Array.of(97, 0), false)"), "a");
  EXPECT_EQ(Evaluate("decoder"), "[object TextDecoderState]");
  EXPECT_EQ(Evaluate("decoder.constructor.name"), "TextDecoderState");
  EXPECT_EQ(Evaluate("Object.getPrototypeOf(decoder) === "
                     "Object.getPrototypeOf(native.decoderNew('gbk', false, "
                     "false))"),
            "true");
}

TEST_F(ClassTest, AMethodOnAnythingElseIsAnIllegalInvocation) {
  EXPECT_EQ(Evaluate("decoder.decode.call({}, new Uint8Array(), false)"),
            "TypeError: Illegal invocation");
  EXPECT_EQ(Evaluate("decoder.decode.call(Object.create(decoder), "
                     "new Uint8Array(), false)"),
            "TypeError: Illegal invocation");
  EXPECT_EQ(
      Evaluate("native.cryptoBinding().digestNew('MD5').update.call(decoder, "
               "new Uint8Array())"),
      "TypeError: Illegal invocation");
}

TEST_F(ClassTest, JsCannotConstructTheClass) {
  EXPECT_EQ(Evaluate("new decoder.constructor()"),
            "TypeError: Illegal constructor");
  EXPECT_EQ(Evaluate("decoder.constructor()"),
            "TypeError: Illegal constructor");
  EXPECT_EQ(Evaluate("new decoder.decode()").substr(0, 10), "TypeError:");
}

TEST_F(ClassTest, AWrongArgumentIsNamed) {
  EXPECT_EQ(Evaluate("decoder.decode('text', false)"),
            "TypeError: Failed to execute 'decode': parameter 1 is not of type "
            "'ArrayBuffer' or 'ArrayBufferView'.");
}

TEST_F(ClassTest, AnInstanceIsAnArgumentAndNothingElseIs) {
  Evaluate(
      "ops = native.cryptoBinding();"
      "key = ops.secretNew(new Uint8Array(16));"
      "run = (key) => ops.aesKw(key, true, new Uint8Array(16)).byteLength;");
  EXPECT_EQ(Evaluate("run(key)"), "24");
  for (const char* other :
       {"decoder", "{}", "undefined", "Object.create(key)"}) {
    EXPECT_EQ(Evaluate(fmt::format("run({})", other)),
              "TypeError: Failed to execute 'aesKw': parameter 1 is not of "
              "type 'KeyMaterial'.")
        << other;
  }
}

TEST_F(ClassTest, AnObjectOutlivesTheCollectionOfOthers) {
  Evaluate(
      "decoder.decode(Uint8Array.of(97), true);"
      "for (let i = 0; i < 1000; ++i) native.decoderNew('gbk', false, "
      "false);");
  CollectGarbage();
  EXPECT_EQ(Evaluate("decoder.decode(Uint8Array.of(0), false)"), "a");
}

}  // namespace
}  // namespace caravel::js
