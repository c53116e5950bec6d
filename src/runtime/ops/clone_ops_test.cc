#include <gmock/gmock.h>

#include "runtime/testing/js_test.h"

namespace caravel::runtime {
namespace {

// The op itself, `clone`, with a world in which nothing is a platform object.
class CloneOpsTest : public JsTest {
 protected:
  CloneOpsTest() {
    Evaluate(
        "clone = (value, transfer) => native.structuredClone("
        "  value, transfer, () => null, false, (message) =>"
        "  Object.assign(new Error(message), { name: 'DataCloneError' }))");
  }
};

TEST_F(CloneOpsTest, ClonesValuesWithTheirIdentity) {
  EXPECT_EQ(Evaluate("value = { list: [1, 2n, new Date(5), /x/g], "
                     "  map: new Map([[1, new Set([2])]]), "
                     "  error: new RangeError('far') };"
                     "value.self = value;"
                     "copy = clone(value, []);"
                     "[copy !== value, copy.self === copy, copy.list[1] === 2n,"
                     " copy.list[2].getTime(), copy.map.get(1).has(2),"
                     " copy.error instanceof RangeError]"),
            "true,true,true,5,true,true");
}

TEST_F(CloneOpsTest, TransfersBuffersAndDetachesThem) {
  EXPECT_EQ(Evaluate("buffer = Uint8Array.of(7, 8).buffer;"
                     "copy = clone("
                     "  { buffer, view: new Uint8Array(buffer, 1) }, [buffer]);"
                     "[buffer.detached, copy.view.buffer === copy.buffer,"
                     " copy.view[0]]"),
            "true,true,8");
}

TEST_F(CloneOpsTest, RefusesWhatCannotBeCloned) {
  EXPECT_EQ(Evaluate("clone(() => 1, [])"),
            "DataCloneError: () => 1 could not be cloned.");
  EXPECT_EQ(Evaluate("clone(Symbol('s'), [])"),
            "DataCloneError: Symbol(s) could not be cloned.");
  EXPECT_EQ(Evaluate("clone({ digest: "
                     "native.cryptoBinding().digestNew('MD5') }, [])"),
            "DataCloneError: #<DigestContext> could not be cloned.");
}

TEST_F(CloneOpsTest, RefusesATransferListThatIsWrong) {
  EXPECT_EQ(Evaluate("clone(1, [{}])"),
            "DataCloneError: Value at index 0 of the transfer list cannot be "
            "transferred");
  EXPECT_EQ(Evaluate("buffer = new ArrayBuffer(1);"
                     "clone(1, [buffer, buffer])"),
            "DataCloneError: ArrayBuffer at index 1 of the transfer list is in "
            "it already");
  EXPECT_EQ(Evaluate("buffer.transfer();"
                     "clone(1, [buffer])"),
            "DataCloneError: An ArrayBuffer is detached and cannot be "
            "transferred");
}

TEST_F(CloneOpsTest, PassesOnWhatAGetterThrows) {
  EXPECT_EQ(Evaluate("clone("
                     "  { get x() { throw new SyntaxError('mine') } }, [])"),
            "SyntaxError: mine");
}

TEST_F(CloneOpsTest, AGetterMayNotDetachWhatIsTransferred) {
  EXPECT_EQ(Evaluate("buffer = new ArrayBuffer(1);"
                     "clone("
                     "  { get x() { buffer.transfer() } }, [buffer])"),
            "DataCloneError: An ArrayBuffer is detached and cannot be "
            "transferred");
}

TEST_F(CloneOpsTest, ARefusedCloneDetachesNothing) {
  EXPECT_EQ(Evaluate("buffer = new ArrayBuffer(1);"
                     "try { clone([buffer, () => 1], [buffer])"
                     "} catch {} buffer.detached"),
            "false");
}

TEST_F(CloneOpsTest, ASharedBufferComesOutAsAnotherOneOfTheSameMemory) {
  EXPECT_EQ(Evaluate("a = new SharedArrayBuffer(4);"
                     "[b, c] = clone([a, a], []);"
                     "new Uint8Array(b)[1] = 7;"
                     "[b !== a, b === c, b.constructor.name,"
                     " new Uint8Array(a)[1]]"),
            "true,true,SharedArrayBuffer,7");
}

TEST_F(CloneOpsTest, ErrorsKeepWhatTheyAre) {
  EXPECT_EQ(Evaluate("error = new RangeError('far', { cause: { at: 1 } });"
                     "copy = clone(error, []);"
                     "[copy !== error, copy.name, copy.message,"
                     " copy.stack === error.stack, copy.cause.at]"),
            "true,RangeError,far,true,1");
}

// By structuredClone() as the Worker calls it.
class PlatformCloneTest : public JsTest {
 protected:
  // What structuredClone() of the expression comes to.
  std::string Clone(const std::string& value) {
    return Evaluate("String(structuredClone(" + value + "))");
  }
};

TEST_F(PlatformCloneTest, APlatformObjectThatIsNotSerializableIsRefused) {
  for (const char* value :
       {"new Request('http://a/')", "new Response('x')", "new URL('http://a/')",
        "new Headers()", "new FormData()", "new URLSearchParams()",
        "new AbortController()", "AbortSignal.abort()", "new Event('x')",
        "new EventTarget()", "new TextEncoder()", "new ReadableStream()",
        "crypto", "performance", "new Headers().entries()",
        "new (class extends EventTarget {})()", "[{ deep: new Headers() }]"}) {
    EXPECT_THAT(Clone(value), ::testing::MatchesRegex(
                                  "DataCloneError: #<.*> could not be cloned."))
        << value;
  }
}

TEST_F(PlatformCloneTest, ARefusalIsADomException) {
  EXPECT_EQ(Evaluate("try { structuredClone({ a: new URL('http://a/') }) }"
                     "catch (error) { [error instanceof DOMException,"
                     "  error.code, error.message] }"),
            "true,25,#<URL> could not be cloned.");
  EXPECT_EQ(Evaluate("try { structuredClone(() => 1) }"
                     "catch (error) { error instanceof DOMException }"),
            "true");
}

TEST_F(PlatformCloneTest, SerializableOnesAreCopied) {
  EXPECT_EQ(
      Evaluate("blob = new Blob(['abc'], { type: 'text/x' });"
               "[a, b] = structuredClone([blob, blob]);"
               "[a instanceof Blob, a !== blob, a === b, a.size, a.type]"),
      "true,true,true,3,text/x");
  EXPECT_EQ(
      Evaluate("copy = structuredClone(new Map([['f',"
               "  new File(['abc'], 'n', { lastModified: 5 })]])).get('f');"
               "[copy instanceof File, copy.name, copy.lastModified,"
               " copy.size]"),
      "true,n,5,3");
  EXPECT_EQ(Evaluate("error = new DOMException('m', 'AbortError');"
                     "copy = structuredClone({ error }).error;"
                     "[copy instanceof DOMException, copy.name, copy.message,"
                     " copy.stack === error.stack, copy !== error]"),
            "true,AbortError,m,true,true");
}

TEST_F(PlatformCloneTest, WhatAGetterThrowsIsPassedOnAsItIs) {
  EXPECT_EQ(Clone("{ get x() { throw new SyntaxError('mine') } }"),
            "SyntaxError: mine");
  EXPECT_EQ(Evaluate("try { structuredClone({ get x() { throw 7 } }) }"
                     "catch (error) { error }"),
            "7");
}

TEST_F(PlatformCloneTest, PortsGoOverWhenTheyAreTransferred) {
  EXPECT_EQ(Evaluate("({ port1 } = new MessageChannel());"
                     "copy = structuredClone({ a: port1, b: [port1] },"
                     "  { transfer: [port1] });"
                     "[copy.a instanceof MessagePort, copy.a === copy.b[0],"
                     " copy.a !== port1]"),
            "true,true,true");
  EXPECT_EQ(Evaluate("try { structuredClone(port1, { transfer: [port1] }) }"
                     "catch (error) { error.name }"),
            "DataCloneError");
  EXPECT_EQ(Evaluate("try { structuredClone(new MessageChannel().port1) }"
                     "catch (error) { error.name }"),
            "DataCloneError");
}

TEST_F(PlatformCloneTest, ObjectsOfTheAuthorsClassesArePlain) {
  EXPECT_EQ(Evaluate("class Request { a = 1 };"
                     "copy = structuredClone(new Request());"
                     "[copy.a, copy.constructor === Object]"),
            "1,true");
  EXPECT_EQ(Evaluate("structuredClone(Object.create(null, { a: {"
                     "  value: 2, enumerable: true } })).a"),
            "2");
}

}  // namespace
}  // namespace caravel::runtime
