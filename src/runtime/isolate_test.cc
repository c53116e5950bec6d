#include <gmock/gmock.h>

#include "runtime/testing/isolate_fixture.h"

namespace caravel::runtime {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

class IsolateTest : public IsolateFixture {};

TEST_F(IsolateTest, AHandlersAnswerIsInTheOutboxAfterItsTurn) {
  ASSERT_EQ(Load("export default { fetch: (r, env) => "
                 "new Response(r.method + ' ' + r.url + ' ' + env.TEXT + "
                 "env.VALUE.a[0]) }"),
            "");
  const InvocationId id = Arrive("/path?q=1");
  Turn();
  EXPECT_EQ(Answer(id), "200 GET http://test.localhost/path?q=1 text1");
  EXPECT_EQ(Outcome(id), "ok");
}

TEST_F(IsolateTest, OneTurnServesManyRequestsEachUnderItsOwnInvocation) {
  ASSERT_EQ(Load("export default { async fetch(r) {"
                 "  await null; console.log(r.url);"
                 "  await new Promise((done) => setTimeout(done, 5));"
                 "  console.log('then', r.url);"
                 "  return new Response('x'); } }"),
            "");
  const InvocationId first = Arrive("/1");
  const InvocationId second = Arrive("/2");
  TurnUntilQuiet();
  ASSERT_NE(Event(first), nullptr);
  ASSERT_NE(Event(second), nullptr);
  ASSERT_THAT(Event(first)->logs, SizeIs(2));
  EXPECT_EQ(Event(first)->logs[1].message,
            R"(["then","http://test.localhost/1"])");
  ASSERT_THAT(Event(second)->logs, SizeIs(2));
  EXPECT_EQ(Event(second)->logs[0].message, R"(["http://test.localhost/2"])");
}

TEST_F(IsolateTest, AnAnswerHasNothingOfTheOneWhoseMemoryItTakes) {
  ASSERT_EQ(Load("export default { fetch: (r) => r.url.endsWith('/full')"
                 "  ? new Response('much', { status: 203, statusText: 'Full',"
                 "      headers: { 'x-one': '1', 'x-two': '2' } })"
                 "  : new Response(null) }"),
            "");
  // More rounds than there is room for answers: what is taken makes room again.
  for (int round = 0; round < 500; ++round) {
    Arrive("/full");
    Turn();
    const net::ResponseHead full = Asked<Respond>().at(0).head;
    ASSERT_EQ(full.reason, "Full");
    ASSERT_EQ(full.headers.Find("x-two"), "2");
    ClearOutbox();
    Arrive("/");
    Turn();
    const auto& empty = std::get<Respond>(outbox_.at(0).action);
    ASSERT_EQ(empty.head.status, 200);
    ASSERT_EQ(empty.head.reason, "");
    ASSERT_EQ(empty.head.body_size, 0);
    ASSERT_TRUE(empty.head.headers.empty());
    ASSERT_EQ(empty.body, "");
    ASSERT_GE(empty.head.headers.held(), full.headers.held()) << round;
    ClearOutbox();
  }
}

TEST_F(IsolateTest, WhatAnswersLeaveBehindIsBoundedCountedAndGivenBack) {
  ASSERT_EQ(Load("export default { fetch: (r) => new Response("
                 "  'b'.repeat(1000), { statusText: 's'.repeat(1 << 20) }) }"),
            "");
  for (int i = 0; i < 64; ++i) Arrive("/");
  Turn();
  ASSERT_THAT(Asked<Respond>(), SizeIs(64));
  isolate_->Shrink();
  const size_t before = isolate_->memory_bytes();
  ClearOutbox();
  EXPECT_GT(isolate_->memory_bytes(), before + (size_t{32} << 10));
  EXPECT_LT(isolate_->memory_bytes(), before + (size_t{48} << 10));
  isolate_->Shrink();
  EXPECT_LT(isolate_->memory_bytes(), before + (size_t{16} << 10));
}

TEST_F(IsolateTest, ARejectionThatNobodyHandlesIsInTheEvent) {
  ASSERT_EQ(Load("export default { fetch() { Promise.reject(new RangeError("
                 "'lost')); return new Response('x'); } }"),
            "");
  const InvocationId id = Arrive("/");
  Turn();
  ASSERT_NE(Event(id), nullptr);
  ASSERT_THAT(Event(id)->exceptions, SizeIs(1));
  EXPECT_EQ(Event(id)->exceptions[0].message, "lost");
  EXPECT_EQ(Answer(id), "200 x");
}

TEST_F(IsolateTest, AThrowIsError1101WithTheAuthorsFrames) {
  ASSERT_EQ(Load("function inner() { throw new TypeError('boom'); }\n"
                 "export default { fetch() { inner(); } }"),
            "");
  const InvocationId id = Arrive("/");
  Turn();
  EXPECT_EQ(Answer(id), "error 1101");
  EXPECT_EQ(Outcome(id), "exception");
  ASSERT_THAT(Event(id)->exceptions, SizeIs(1));
  EXPECT_EQ(Event(id)->exceptions[0].stack,
            "TypeError: boom\n    at inner (index.js:1:26)\n"
            "    at Object.fetch (index.js:2:28)");
}

TEST_F(IsolateTest, TheEventOfAnAddressThatIsNoUrlNamesItInAscii) {
  ASSERT_EQ(Load("export default { fetch() { throw new Error('no') } }"), "");
  const InvocationId id = Arrive("/\xC2\x9B?\xFC");
  std::get<RequestArrived>(inbox_.back()).head->authority = "a%zz";
  TurnUntilQuiet();
  ASSERT_NE(Event(id), nullptr);
  EXPECT_EQ(Event(id)->url, "http://a%zz/%C2%9B?%FC");
}

TEST_F(IsolateTest, AResponseThatCannotBeSentIsError1101) {
  ASSERT_EQ(Load("export default { fetch: () => Response.error() }"), "");
  const InvocationId id = Arrive("/");
  Turn();
  EXPECT_EQ(Answer(id), "error 1101");
}

TEST_F(IsolateTest, WhatCanNeverAnswerIsTold) {
  ASSERT_EQ(Load("export default { fetch: () => new Promise(() => {}) }"), "");
  const InvocationId id = Arrive("/");
  Turn();
  EXPECT_EQ(Answer(id), "error 1101");
  ASSERT_NE(Event(id), nullptr);
  EXPECT_THAT(Event(id)->exceptions[0].message,
              HasSubstr("would never generate a response"));
}

TEST_F(IsolateTest, TheCausesOfAnErrorAreInItsStack) {
  ASSERT_EQ(Load("export default { fetch() {"
                 " const inner = new RangeError('inner', { cause: 'root' });"
                 " throw new Error('outer', { cause: inner }); } }"),
            "");
  const InvocationId id = Arrive("/");
  Turn();
  ASSERT_NE(Event(id), nullptr);
  ASSERT_THAT(Event(id)->exceptions, SizeIs(1));
  EXPECT_EQ(Event(id)->exceptions[0].stack,
            "Error: outer\n    at Object.fetch (index.js:1:92)\n"
            "Caused by: RangeError: inner\n"
            "    at Object.fetch (index.js:1:42)\nCaused by: root");
}

TEST_F(IsolateTest, CausesThatFormARingEnd) {
  ASSERT_EQ(Load("export default { fetch() { const e = new Error('ring');"
                 " e.cause = e; throw e; } }"),
            "");
  const InvocationId id = Arrive("/");
  Turn();
  EXPECT_EQ(Answer(id), "error 1101");
}

TEST_F(IsolateTest, SharedMemoryIsThereAsOnWorkersWithinTheIsolate) {
  ASSERT_EQ(Load("export default { fetch() {"
                 " const memory = new WebAssembly.Memory("
                 "   { initial: 1, maximum: 1, shared: true });"
                 " const cell = new Int32Array(memory.buffer);"
                 " const same = new Int32Array(structuredClone(memory.buffer));"
                 " Atomics.add(cell, 0, 5);"
                 " return new Response([memory.buffer.constructor.name,"
                 "   typeof SharedArrayBuffer, same[0]].join()); } }"),
            "");
  const InvocationId id = Arrive("/");
  Turn();
  EXPECT_EQ(Answer(id), "200 SharedArrayBuffer,function,5");
}

TEST_F(IsolateTest, AClonedKeySignsAsTheOtherDoes) {
  ASSERT_EQ(Load("export default { async fetch() {"
                 " const hmac = { name: 'HMAC', hash: 'SHA-256' };"
                 " const key = await crypto.subtle.importKey("
                 "   'raw', new Uint8Array(8), hmac, false, ['sign']);"
                 " const copy = structuredClone({ key }).key;"
                 " const sign = async (key) => new Uint8Array("
                 "   await crypto.subtle.sign('HMAC', key, new Uint8Array(1)));"
                 " return new Response([copy !== key, copy.extractable,"
                 "   (await sign(key)).join() === (await sign(copy)).join()]"
                 "   .join()); } }"),
            "");
  const InvocationId id = Arrive("/");
  Turn();
  EXPECT_EQ(Answer(id), "200 true,false,true");
}

TEST_F(IsolateTest, WaitingOnSharedMemoryIsRefused) {
  ASSERT_EQ(Load("export default { fetch() { try { Atomics.wait("
                 "new Int32Array(new SharedArrayBuffer(4)), 0, 0); }"
                 " catch (e) { return new Response(e.name); } } }"),
            "");
  const InvocationId id = Arrive("/");
  Turn();
  EXPECT_EQ(Answer(id), "200 TypeError");
}

TEST_F(IsolateTest, TheTextOfAnExceptionIsCut) {
  ASSERT_EQ(Load("export default { fetch() {"
                 " throw new Error('x'.repeat(1e6)); } }"),
            "");
  const InvocationId id = Arrive("/");
  Turn();
  ASSERT_NE(Event(id), nullptr);
  EXPECT_EQ(Event(id)->exceptions[0].message.size(), size_t{16} * 1024);
}

TEST_F(IsolateTest, TheClockStandsStillDuringATurn) {
  ASSERT_EQ(Load("export default { fetch() { const a = Date.now();"
                 " const p = performance.now();"
                 " for (let i = 0; i < 3e6; i++);"
                 " return new Response(String(Date.now() - a +"
                 " performance.now() - p)); } }"),
            "");
  const InvocationId id = Arrive("/");
  Turn();
  EXPECT_EQ(Answer(id), "200 0");
}

TEST_F(IsolateTest, APromiseThatWaitUntilRefusesHoldsNothing) {
  ASSERT_EQ(Load("export default { fetch(request, env, ctx) {"
                 "  const promise = Promise.resolve();"
                 "  Object.defineProperty(promise, 'constructor',"
                 "    { get() { throw new Error('no'); } });"
                 "  try { ctx.waitUntil(promise); } catch {}"
                 "  return new Response('answered'); } };"),
            "");
  const InvocationId id = Arrive("/");
  TurnUntilQuiet();
  EXPECT_EQ(Answer(id), "200 answered");
  EXPECT_EQ(Outcome(id), "ok");
}

TEST_F(IsolateTest, OfRejectionsWithoutEndTheFirstAreTold) {
  ASSERT_EQ(Load("let told = 0;"
                 "addEventListener('unhandledrejection', (event) => {"
                 "  told++; event.preventDefault(); });"
                 "export default { async fetch() {"
                 "  for (let i = 0; i < 5000; ++i) Promise.reject(i);"
                 "  await new Promise((done) => setTimeout(done, 1));"
                 "  return new Response(told); } };"),
            "");
  const InvocationId id = Arrive("/");
  TurnUntilQuiet();
  EXPECT_EQ(Answer(id), "200 1000");
}

TEST_F(IsolateTest, TheLogShowsWhatOnlyV8SeesOfAValue) {
  ASSERT_EQ(
      Load("export default { fetch() {"
           "  const rejected = Promise.reject(1); rejected.catch(() => 0);"
           "  console.log(Promise.resolve({ a: 1 }), new Promise(() => 0),"
           "    rejected, new Map([[1, { b: 2 }]]).entries(),"
           "    new Set(['s']).values(), new Proxy(function f() {}, {}),"
           "    new Proxy([1], { get() { throw 1 } }));"
           "  return new Response('x'); } };"),
      "");
  const InvocationId id = Arrive("/");
  TurnUntilQuiet();
  ASSERT_THAT(Event(id)->logs, SizeIs(1));
  EXPECT_EQ(
      Event(id)->logs[0].message,
      R"-(["Promise { { a: 1 } }","Promise { <pending> }",)-"
      R"-("Promise { <rejected> 1 }","[Map Entries] { [ 1, { b: 2 } ] }",)-"
      R"-("[Set Iterator] { 's' }","Proxy([Function: f])",)-"
      R"-("Proxy([ 1 ])"])-");
}
}  // namespace
}  // namespace caravel::runtime
