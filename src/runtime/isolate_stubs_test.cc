// Sessions of RPC: stubs and functions that one Worker has of another, what
// ends them, and what is no message of one.
#include "runtime/testing/services_fixture.h"

namespace caravel::runtime {
namespace {

using ::testing::HasSubstr;

// Where script has changed what all lists and functions inherit, and looks for
// what of the platform's comes by.
constexpr const char* kSpying = R"(
const seen = new Map();
const note = (value) => {
  if (value !== null && typeof value === 'object' &&
      (typeof value.ownOf === 'function' || typeof value.hook === 'object'))
    seen.set(value.constructor?.name ?? 'no class', 1);
};
for (let i = 0; i < 4; i++)
  Object.defineProperty(Array.prototype, i, { configurable: true, set(value) {
    note(value);
    Object.defineProperty(this, i, { value, configurable: true,
                                     enumerable: true, writable: true });
  } });
const { bind } = Function.prototype;
Function.prototype.bind = function (self) {
  note(self);
  return Reflect.apply(bind, this, arguments);
};
)";

class IsolateStubsTest : public ServicesFixture {};

TEST_F(IsolateStubsTest, ASessionIsToldWhyItsCalleeWasEnded) {
  Load("const c = await env.B.counter(); await c.add(1); await c.spin();",
       kCallee);
  EXPECT_EQ(Ask(), "Error: Worker exceeded CPU time limit.");
  EXPECT_EQ(callee_.running(), 0U);
}

TEST_F(IsolateStubsTest, StubsCallWhatTheyStandFor) {
  Load(
      "const c = await env.B.counter(); await c.add(2);"
      "return [await c.add(3), await c.value, typeof c,"
      " await c.own.then(() => 'seen', (e) => e.message)].join();",
      kCallee);
  EXPECT_EQ(Ask(),
            "5,5,function,The RPC receiver does not implement the method "
            "\"own\".");
}

TEST_F(IsolateStubsTest, ACallOnAResultToComeNeedsNoWait) {
  Load("return await env.B.counter().add(7);", kCallee);
  EXPECT_EQ(Ask(), "7");
  EXPECT_EQ(calls_, 1U);
}

TEST_F(IsolateStubsTest, WhatIsDisposedOfIsToldAndFailsAfterwards) {
  Load(
      "const c = await env.B.counter(); const d = c.dup();"
      "c[Symbol.dispose](); const before = await env.B.disposed();"
      "await d.add(1); d[Symbol.dispose]();"
      "let why; try { await d.add(1); } catch (e) { why = e.message; }"
      "return [before, await env.B.disposed(), why].join();",
      kCallee);
  EXPECT_EQ(Ask(), "0,1,RPC stub used after being disposed.");
  EXPECT_EQ(callee_.running(), 0U) << "the session has ended";
}

TEST_F(IsolateStubsTest, AStubGoesWithTheCallersInvocation) {
  Load("globalThis.c = await env.B.counter(); return 1;", kCallee);
  EXPECT_EQ(Ask(), "1");
  EXPECT_EQ(callee_.running(), 0U);
  EXPECT_TRUE(callers_.empty());
}

TEST_F(IsolateStubsTest, AStubBelongsToTheRequestThatGotIt) {
  Load(
      "if (globalThis.c) return await globalThis.c.add(1);"
      "globalThis.c = await env.B.counter(); return 1;",
      kCallee);
  EXPECT_EQ(Ask(), "1");
  EXPECT_THAT(Ask(),
              HasSubstr("Cannot perform I/O on behalf of a different request"));
}

TEST_F(IsolateStubsTest, ACalleeThatWaitsForItsCallerEndsWithIt) {
  Load(
      "const c = await env.B.counter(); c.large(); c.large();"
      "await scheduler.wait(1e6);",
      kCallee);
  gives_credit_ = false;
  const InvocationId id = caller_.Ask();
  Settle();
  EXPECT_EQ(callee_.running(), 1U);
  caller_.Take(ClientGone{id});
  for (const auto& [called, fetch] : std::map(callers_)) {
    callee_.Take(ClientGone{called});
    Over(called);
  }
  Settle();
  EXPECT_EQ(callee_.running(), 0U);
}

TEST_F(IsolateStubsTest, FunctionsAreCalledBack) {
  Load("return await env.B.twice((n) => n * 10);", kCallee);
  EXPECT_EQ(Ask(), "30");
  EXPECT_EQ(callee_.running(), 0U);
}

TEST_F(IsolateStubsTest, WhatACallbackThrowsComesBack) {
  Load("await env.B.twice(() => { throw new RangeError('mine'); });", kCallee);
  EXPECT_EQ(Ask(), "RangeError: mine");
}

TEST_F(IsolateStubsTest, OneOfOursThatComesBackIsStillOurs) {
  Load("const f = await env.B.echo((n) => n + 1); return await f(1);", kCallee);
  EXPECT_EQ(Ask(), "2");
}

TEST_F(IsolateStubsTest, ScriptThatPatchesPrototypesMeetsNothingOfOurs) {
  Load(std::string(kSpying) +
           "const f = await env.B.echo({ f: (n) => n + 1, g: () => 2 });"
           "await f.f(1);"
           "const c = await env.B.counter(); await env.B.echo(c);"
           "const d = await c.other(); await c.add(d); await d.other();"
           "await env.B.read(new Response('x').body);"
           "await env.B.write(new WritableStream());"
           "await env.B.echo(new ReadableStream({ type: 'bytes' }));"
           "for (let i = 0; i < 4; i++) delete Array.prototype[i];"
           "return [...seen.keys()].join();",
       kCallee);
  EXPECT_EQ(Ask(), "");
}

// The answer to the second call is lost: nobody knows whether it ran.
TEST_F(IsolateStubsTest, WhatMayHaveRunIsNotRunAgainWhenTheSessionBreaks) {
  Load(
      "let runs = 0; setTimeout(() => {}, 1e6);"
      "const c = await env.B.counter();"
      "const p = c.echo(() => { runs++; return new Promise(() => {}); });"
      "const q = p(); await p;"
      "try { await q; } catch (e) { return `${runs} ${e.message}`; }",
      kCallee);
  spoil_ = [answers = 0](std::string& bytes) mutable {
    if (++answers > 2) bytes.clear();
  };
  const InvocationId id = caller_.Ask();
  Settle();
  ASSERT_EQ(callers_.size(), 1U) << caller_.answers[id];
  const auto [called, fetch] = *callers_.begin();
  caller_.Take(BodyFailed{fetch, "Error: gone"});
  callee_.Take(ClientGone{called});
  Over(called);
  Settle();
  EXPECT_EQ(caller_.answers[id], "0 gone");
}

TEST_F(IsolateStubsTest, AMessageThatCannotBeWrittenKeepsNoReferences) {
  Load(
      "const c = await env.B.counter(); const d = await c.other();"
      "try { await c.add(d, new (class Foo {})()); } catch {}"
      "d[Symbol.dispose](); await c.add(1);"
      "return await env.B.disposed();",
      kCallee);
  EXPECT_EQ(Ask(), "1");
}

TEST_F(IsolateStubsTest, CallsThatCannotBeMadeReject) {
  Load(
      "const c = await env.B.counter(); c[Symbol.dispose]();"
      "const calls = [() => env.B.echo(new (class X {})()), () => c.add(1),"
      " () => env.B.echo(env.B.counter()), () => c.value];"
      "let said = ''; for (const call of calls) {"
      " let promise; try { promise = call(); } catch { said += 'thrown '; }"
      " said += await promise?.then(String, (e) => `${e.name} `); }"
      "return said;",
      kCallee);
  EXPECT_EQ(Ask(), "DataCloneError Error DataCloneError Error ");
}

// The bytes of another isolate are nobody's to trust: whatever they are, the
// call is answered or ended, and the next one is answered.
TEST_F(IsolateStubsTest, BytesThatAreNoMessageHarmNobody) {
  Load("return await env.B.twice((n) => n);", kCallee);
  EXPECT_EQ(Ask(), "3");
  const std::string valid = last_message_;
  ASSERT_GT(valid.size(), 20U);
  for (size_t at = 0; at < valid.size(); ++at) {
    for (const char value : {'\0', '\xFF', '\x7F', 'a'}) {
      std::string bytes = valid;
      if (bytes[at] == value) continue;
      bytes[at] = value;
      StartFetch fetch;
      fetch.fetch = 2;
      fetch.method = "POST";
      fetch.body_follows = true;
      fetch.service = std::make_shared<ServiceCall>();
      fetch.service->rpc = true;
      fetch.service->message = bytes;
      const InvocationId id = callee_.Called(fetch);
      (void)callee_.Run();
      callee_.Take(BodyArrived{id, {}, true});
      (void)callee_.Run();
      callee_.Take(ClientGone{id});
      (void)callee_.Run();
      ASSERT_EQ(callee_.running(), 0U) << "byte " << at;
    }
  }
  EXPECT_EQ(Ask(), "3");
}

// The same of what a callee says.
TEST_F(IsolateStubsTest, AnswersThatAreNoMessageHarmNobody) {
  Load("return await (await env.B.echo({ f: (n) => n + 1 })).f(1);", kCallee);
  EXPECT_EQ(Ask(), "2");
  const std::string valid = last_answer_;
  ASSERT_GT(valid.size(), 20U);
  for (size_t at = 0; at < valid.size(); ++at) {
    for (const char value : {'\0', '\xFF', '\x7F', 'a'}) {
      if (valid[at] == value) continue;
      spoil_ = [at, value](std::string& bytes) {
        if (at < bytes.size()) bytes[at] = value;
      };
      const InvocationId id = caller_.Ask();
      Settle();
      // What waits for more goes with its client.
      caller_.Take(ClientGone{id});
      Settle();
      for (const auto& [called, fetch] : std::map(callers_)) {
        callee_.Take(ClientGone{called});
        caller_.Take(BodyFailed{fetch, "gone"});
        Over(called);
      }
      Settle();
      ASSERT_EQ(callee_.running(), 0U) << "byte " << at;
    }
  }
  spoil_ = nullptr;
  EXPECT_EQ(Ask(), "2");
}

}  // namespace
}  // namespace caravel::runtime
