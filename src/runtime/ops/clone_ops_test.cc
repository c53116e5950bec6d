#include "runtime/testing/js_test.h"

namespace caravel::runtime {
namespace {

using CloneOpsTest = JsTest;

TEST_F(CloneOpsTest, ClonesValuesWithTheirIdentity) {
  EXPECT_EQ(Evaluate("value = { list: [1, 2n, new Date(5), /x/g], "
                     "  map: new Map([[1, new Set([2])]]), "
                     "  error: new RangeError('far') };"
                     "value.self = value;"
                     "copy = native.structuredClone(value, []);"
                     "[copy !== value, copy.self === copy, copy.list[1] === 2n,"
                     " copy.list[2].getTime(), copy.map.get(1).has(2),"
                     " copy.error instanceof RangeError]"),
            "true,true,true,5,true,true");
}

TEST_F(CloneOpsTest, TransfersBuffersAndDetachesThem) {
  EXPECT_EQ(Evaluate("buffer = Uint8Array.of(7, 8).buffer;"
                     "copy = native.structuredClone("
                     "  { buffer, view: new Uint8Array(buffer, 1) }, [buffer]);"
                     "[buffer.detached, copy.view.buffer === copy.buffer,"
                     " copy.view[0]]"),
            "true,true,8");
}

TEST_F(CloneOpsTest, RefusesWhatCannotBeCloned) {
  EXPECT_EQ(Evaluate("native.structuredClone(() => 1, [])"),
            "DataCloneError: () => 1 could not be cloned.");
  EXPECT_EQ(Evaluate("native.structuredClone(Symbol('s'), [])"),
            "DataCloneError: Symbol(s) could not be cloned.");
  EXPECT_EQ(Evaluate("native.structuredClone({ digest: "
                     "native.digestNew('MD5') }, [])"),
            "DataCloneError: #<DigestContext> could not be cloned.");
}

TEST_F(CloneOpsTest, RefusesATransferListThatIsWrong) {
  EXPECT_EQ(Evaluate("native.structuredClone(1, [{}])"),
            "DataCloneError: Value at index 0 of the transfer list cannot be "
            "transferred");
  EXPECT_EQ(Evaluate("buffer = new ArrayBuffer(1);"
                     "native.structuredClone(1, [buffer, buffer])"),
            "DataCloneError: ArrayBuffer at index 1 of the transfer list is in "
            "it already");
  EXPECT_EQ(Evaluate("buffer.transfer();"
                     "native.structuredClone(1, [buffer])"),
            "DataCloneError: An ArrayBuffer is detached and cannot be "
            "transferred");
}

TEST_F(CloneOpsTest, PassesOnWhatAGetterThrows) {
  EXPECT_EQ(Evaluate("native.structuredClone("
                     "  { get x() { throw new SyntaxError('mine') } }, [])"),
            "SyntaxError: mine");
}

TEST_F(CloneOpsTest, AGetterMayNotDetachWhatIsTransferred) {
  EXPECT_EQ(Evaluate("buffer = new ArrayBuffer(1);"
                     "native.structuredClone("
                     "  { get x() { buffer.transfer() } }, [buffer])"),
            "DataCloneError: An ArrayBuffer is detached and cannot be "
            "transferred");
}

TEST_F(CloneOpsTest, ARefusedCloneDetachesNothing) {
  EXPECT_EQ(Evaluate("buffer = new ArrayBuffer(1);"
                     "try { native.structuredClone([buffer, () => 1], [buffer])"
                     "} catch {} buffer.detached"),
            "false");
}

}  // namespace
}  // namespace caravel::runtime
