#include "runtime/isolate.h"

#include <gmock/gmock.h>

#include "runtime/testing/isolate_fixture.h"

namespace caravel::runtime {
namespace {

using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

class IsolateTest : public IsolateFixture {};

constexpr const char* kCalculators = R"js(
  const kept = [];
  export default {
    async fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === '/spin') for (;;);
      if (pathname === '/arrays') { let a = []; for (;;) a = new Array(1000); }
      if (pathname === '/promises') {
        const again = () => Promise.resolve().then(again);
        await again();
      }
      if (pathname === '/grow') for (;;) kept.push(new Array(1000).fill(1.5));
      if (pathname === '/grow-in-promises') {
        const again = () => Promise.resolve().then(() => {
          kept.push(new Array(1000).fill(1.5));
          return again();
        });
        await again();
      }
      if (pathname === '/later') await new Promise((r) => setTimeout(r, 1000));
      return new Response('fine');
    },
  };)js";

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

// Answers that are wholly copied, of one string in the heap.
constexpr const char* kGenerous = R"js(
  const text = 'x'.repeat(1 << 20);
  export default {
    async fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === '/log') {
        console.log(text.slice(0, 200 << 10));
        await new Promise((r) => setTimeout(r, 1000));
        return new Response('small');
      }
      if (pathname === '/small' || pathname === '/later') {
        if (pathname === '/later') await new Promise((r) => setTimeout(r, 1));
        return new Response('small');
      }
      if (pathname === '/buffers') {
        return new Response(new ArrayBuffer(3 << 20).byteLength);
      }
      if (pathname === '/upload') {
        await fetch('http://origin.test/', { method: 'POST', body: text });
      }
      return new Response(text);
    },
  };)js";
constexpr registry::Limits kFourMegabytes{.memory_bytes = 4 << 20};

TEST_F(IsolateTest, AnAnswerThatFindsNoRoomEndsItsOwnInvocationAlone) {
  ASSERT_EQ(Load(kGenerous, kFourMegabytes), "");
  const InvocationId waiting = Arrive("/later");
  std::vector<InvocationId> ids;
  for (int i = 0; i < 6; ++i) ids.push_back(Arrive("/"));
  const InvocationId small = Arrive("/small");
  Turn();
  EXPECT_THAT(Answer(ids[3]), StartsWith("200 xxx"));
  EXPECT_EQ(Answer(ids[4]), "error 1102");
  EXPECT_EQ(Outcome(ids[4]), "exceededMemory");
  EXPECT_EQ(Answer(small), "200 small");
  EXPECT_FALSE(isolate_->condemned());
  TurnUntilQuiet();
  EXPECT_EQ(Answer(waiting), "200 small");
  EXPECT_EQ(Outcome(waiting), "ok");
}

TEST_F(IsolateTest, WhatATurnHasPassedOnDoesNotCountInTheNext) {
  ASSERT_EQ(Load(kGenerous, kFourMegabytes), "");
  for (int i = 0; i < 10; ++i) {
    const InvocationId id = Arrive("/");
    Turn();
    EXPECT_EQ(Outcome(id), "ok");
  }
}

TEST_F(IsolateTest, WhatWaitsForClientsLeavesRoomForBuffersAndSmallAnswers) {
  ASSERT_EQ(Load(kGenerous, kFourMegabytes), "");
  isolate_->SetWaitingBytes(4 << 20);
  const InvocationId large = Arrive("/");
  const InvocationId small = Arrive("/small");
  const InvocationId buffers = Arrive("/buffers");
  Turn();
  EXPECT_EQ(Answer(large), "error 1102");
  EXPECT_EQ(Outcome(large), "exceededMemory");
  EXPECT_EQ(Answer(small), "200 small");
  EXPECT_EQ(Answer(buffers), "200 3145728");
  isolate_->SetWaitingBytes(0);
  const InvocationId later = Arrive("/");
  Turn();
  EXPECT_EQ(Outcome(later), "ok");
}

TEST_F(IsolateTest, BodiesOfFetchesCountAgainstTheMemoryLimit) {
  ASSERT_EQ(Load(kGenerous, kFourMegabytes), "");
  isolate_->SetWaitingBytes(7 << 19);
  const InvocationId id = Arrive("/upload");
  Turn();
  EXPECT_THAT(Asked<StartFetch>(), testing::IsEmpty());
  EXPECT_EQ(Outcome(id), "exceededMemory");
  EXPECT_FALSE(isolate_->condemned());
}

TEST_F(IsolateTest, LogLinesThatFindNoRoomAreLeftOutAndCostNoAnswer) {
  ASSERT_EQ(Load(kGenerous, kFourMegabytes), "");
  std::vector<InvocationId> ids;
  for (int i = 0; i < 40; ++i) ids.push_back(Arrive("/log"));
  TurnUntilQuiet();
  size_t kept = 0;
  for (const InvocationId id : ids) {
    ASSERT_EQ(Outcome(id), "ok");
    ASSERT_THAT(Event(id)->logs, SizeIs(1));
    kept += Event(id)->logs[0].message.size();
  }
  EXPECT_LE(kept, size_t{1} << 20) << "a quarter of the limit, and notices";
  EXPECT_THAT(Event(ids[39])->logs[0].message,
              HasSubstr("Log size limit exceeded"));
  const InvocationId later = Arrive("/log");
  TurnUntilQuiet();
  EXPECT_THAT(Event(later)->logs[0].message, StartsWith(R"(["xxx)"));
}

constexpr const char* kUploader = R"js(
  export default {
    async fetch(request) {
      const { pathname } = new URL(request.url);
      let cancelled;
      const reason = new Promise((resolve) => { cancelled = resolve; });
      let chunks = 0;
      const body = new ReadableStream({
        pull(controller) {
          if (++chunks > 3 && pathname === '/forward') controller.close();
          else controller.enqueue(new Uint8Array(64 << 10));
        },
        cancel: cancelled,
      });
      const answer = await fetch('http://origin.test/', { method: 'POST', body });
      if (pathname === '/forward') return answer;
      return new Response((await reason).message + ': ' + (await answer.text()));
    },
  };)js";

TEST_F(IsolateTest,
       AnUploadThatTheOriginDoesNotWantIsCancelledAndItsAnswerRead) {
  ASSERT_EQ(Load(kUploader), "");
  const InvocationId id = Arrive("/");
  TurnUntilQuiet();
  ASSERT_THAT(Asked<StartFetch>(), SizeIs(1));
  const FetchId fetch = Asked<StartFetch>()[0].fetch;
  Arrive(FetchAnswered{fetch, {}});
  Arrive(BodyArrived{fetch, "early", true});
  Arrive(FetchBodyRefused{fetch});
  TurnUntilQuiet();
  EXPECT_EQ(Answer(id),
            "200 the origin has ended the exchange without the rest of the "
            "request's body: early");
  EXPECT_EQ(Outcome(id), "ok");
}

TEST_F(IsolateTest, AnUploadGoesOnBehindAnAnswerThatIsForwarded) {
  ASSERT_EQ(Load(kUploader), "");
  const InvocationId id = Arrive("/forward");
  TurnUntilQuiet();
  const FetchId fetch = Asked<StartFetch>()[0].fetch;
  Arrive(FetchAnswered{fetch, {}});
  TurnUntilQuiet();
  EXPECT_THAT(Asked<RespondForward>(), SizeIs(1));
  EXPECT_EQ(Outcome(id), "") << "it uploads still";
  for (int i = 0; i < 3; ++i) {
    Arrive(FetchCredit{fetch, 64 << 10});
    TurnUntilQuiet();
  }
  EXPECT_THAT(Asked<FetchBody>(), SizeIs(3));
  EXPECT_THAT(Asked<FetchEnd>(), SizeIs(1));
  EXPECT_THAT(Asked<FetchAbort>(), SizeIs(0));
  EXPECT_EQ(Outcome(id), "ok");
}

TEST_F(IsolateTest, AForwardedExchangeThatEndsEarlyEndsItsUpload) {
  ASSERT_EQ(Load(kUploader), "");
  const InvocationId id = Arrive("/forward");
  TurnUntilQuiet();
  const FetchId fetch = Asked<StartFetch>()[0].fetch;
  Arrive(FetchAnswered{fetch, {}});
  TurnUntilQuiet();
  Arrive(FetchBodyRefused{fetch});
  TurnUntilQuiet();
  EXPECT_EQ(Outcome(id), "ok");
}

class CpuLimitTest : public IsolateFixture,
                     public testing::WithParamInterface<const char*> {};

TEST_P(CpuLimitTest, OnlyTheRunningInvocationIsEndedAndTheOthersGoOn) {
  ASSERT_EQ(Load(kCalculators, {.cpu_ms = 30}), "");
  const InvocationId waiting = Arrive("/later");
  Turn();
  const InvocationId runaway = Arrive(GetParam());
  const InvocationId behind = Arrive("/fine");
  Turn();
  EXPECT_EQ(Answer(runaway), "error 1102");
  EXPECT_EQ(Outcome(runaway), "exceededCpu");
  EXPECT_EQ(Answer(behind), "200 fine");
  EXPECT_FALSE(isolate_->condemned());
  TurnUntilQuiet();
  EXPECT_EQ(Answer(waiting), "200 fine");
  EXPECT_EQ(Outcome(waiting), "ok");
}

INSTANTIATE_TEST_SUITE_P(Runaways, CpuLimitTest,
                         testing::Values("/spin", "/arrays", "/promises"));

class MemoryLimitTest : public IsolateFixture,
                        public testing::WithParamInterface<const char*> {};

TEST_P(MemoryLimitTest, AllInvocationsEndAndTheIsolateIsCondemned) {
  ASSERT_EQ(Load(kCalculators, {.cpu_ms = 60'000}), "");
  const InvocationId waiting = Arrive("/later");
  Turn();
  const InvocationId runaway = Arrive(GetParam());
  Turn();
  EXPECT_TRUE(isolate_->condemned());
  EXPECT_EQ(Answer(runaway), "error 1102");
  EXPECT_EQ(Outcome(runaway), "exceededMemory");
  EXPECT_EQ(Outcome(waiting), "exceededMemory");
  EXPECT_EQ(isolate_->running(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Hoarders, MemoryLimitTest,
                         testing::Values("/grow", "/grow-in-promises"));

TEST_F(IsolateTest, BuffersCountAgainstTheMemoryLimit) {
  ASSERT_EQ(Load("const kept = []; export default { fetch() {"
                 " for (;;) kept.push(new Uint8Array(8 << 20)); } }"),
            "");
  const InvocationId id = Arrive("/");
  Turn();
  // V8 gives a failed allocation a last collection; whether JS then sees the
  // RangeError or the heap's limit ends it is V8's affair.
  EXPECT_THAT(Answer(id), testing::AnyOf("error 1102", "error 1101"));
  EXPECT_LE(isolate_->memory_bytes(), size_t{128} << 20);
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

TEST_F(IsolateTest, MemoriesOfWebAssemblyCountAgainstTheLimit) {
  ASSERT_EQ(Load("const kept = [];"
                 "export default { fetch() {"
                 " kept.push(new WebAssembly.Memory({ initial: 768 }));"
                 " return new Response(String(kept.length)); } }"),
            "");
  const InvocationId first = Arrive("/");
  const InvocationId second = Arrive("/");
  Turn();
  EXPECT_EQ(Answer(first), "200 1");
  EXPECT_EQ(Answer(second), "200 2");
  EXPECT_FALSE(isolate_->condemned());
  const InvocationId third = Arrive("/");  // 48 MB each, and 128 is the limit
  Turn();
  EXPECT_EQ(Outcome(third), "exceededMemory");
  EXPECT_TRUE(isolate_->condemned());
}

TEST_F(IsolateTest, MemoriesOfWebAssemblyAreLookedAtWhileACallRuns) {
  // Far more than the limit in one call, which does not end by itself.
  ASSERT_EQ(Load("export default { fetch() { const kept = [];"
                 " for (let i = 0; i < 40; i++)"
                 "  kept.push(new WebAssembly.Memory({ initial: 768 }));"
                 " for (;;) kept.length; } }",
                 {.cpu_ms = 300'000}),
            "");
  const InvocationId id = Arrive("/");
  Turn();
  EXPECT_EQ(Outcome(id), "exceededMemory");
  EXPECT_TRUE(isolate_->condemned());
}

TEST_F(IsolateTest, StartUpCannotHoldMoreMemoriesOfWebAssemblyThanTheLimit) {
  EXPECT_EQ(Load("const kept = []; for (let i = 0; i < 3; i++)"
                 " kept.push(new WebAssembly.Memory({ initial: 768 }));"
                 "export default { fetch() { return new Response(kept); } }"),
            "the Worker exceeded its memory limit at start");
}

TEST_F(IsolateTest, AMemoryOfWebAssemblyIsNeverLargerThanTheLimit) {
  ASSERT_EQ(Load("export default { fetch() {"
                 " try { new WebAssembly.Memory({ initial: 2049 }); }"
                 " catch (e) { return new Response(e.name); } } }"),
            "");
  const InvocationId id = Arrive("/");
  Turn();
  EXPECT_EQ(Answer(id), "200 RangeError");
}

TEST_F(IsolateTest, ABodyThatCameWithItsRequestIsReadInTheSameTurn) {
  ASSERT_EQ(Load("export default { async fetch(r) {"
                 " return Response.json({ n: (await r.json()).n + 1 }); } }"),
            "");
  RequestArrived request;
  request.invocation = 1;
  request.head = std::make_unique<net::RequestHead>();
  request.head->method = "POST";
  request.head->scheme = "http";
  request.head->authority = "test.localhost";
  request.head->target = "/";
  request.has_body = true;
  Arrive(std::move(request));
  Arrive(BodyArrived{1, R"({"n":)", false});
  Arrive(BodyArrived{1, "41}", true});
  Turn();
  EXPECT_EQ(Answer(1), R"(200 {"n":42})");
}

TEST_F(IsolateTest, ASlowClientHoldsTheWriterBack) {
  ASSERT_EQ(Load("export default { fetch() { let n = 0;"
                 " return new Response(new ReadableStream({ pull(c) {"
                 "  if (n++ === 100) c.close();"
                 "  else c.enqueue(new Uint8Array(16 * 1024)); } })); } }"),
            "");
  const InvocationId id = Arrive("/");
  Turn();
  const size_t before = Asked<RespondBody>().size();
  EXPECT_LE(before, 6U);  // the window is four of them
  Arrive(ResponseCredit{id, 32 * 1024});
  Turn();
  EXPECT_GT(Asked<RespondBody>().size(), before);
  EXPECT_LE(Asked<RespondBody>().size(), before + 4);
  EXPECT_TRUE(Asked<RespondEnd>().empty());
}

TEST_F(IsolateTest, AClientThatLeavesAbortsTheSignalAndTheEndIsCanceled) {
  ASSERT_EQ(Load("export default { fetch(r) { return new Promise((_, no) =>"
                 " { r.signal.addEventListener('abort', () => {"
                 "   console.log('left'); no(r.signal.reason); });"
                 "   setTimeout(() => {}, 1000); }); } }"),
            "");
  const InvocationId id = Arrive("/");
  Turn();
  Arrive(ClientGone{id});
  TurnUntilQuiet();
  ASSERT_NE(Event(id), nullptr);
  ASSERT_THAT(Event(id)->logs, SizeIs(1));
  EXPECT_EQ(Event(id)->logs[0].message, R"(["left"])");
}

TEST_F(IsolateTest, ASyntaxErrorIsToldWithItsLine) {
  EXPECT_THAT(
      Load("export default {\n  fetch( { }\n}"),
      AllOf(StartsWith("Uncaught SyntaxError"), HasSubstr("index.js:3")));
}

TEST_F(IsolateTest, AnImportThatIsNotBuiltIsNamed) {
  EXPECT_THAT(
      Load("import 'node:zlib'; export default { fetch() {} }"),
      HasSubstr("\"index.js\" imports \"node:zlib\", which Caravel does "
                "not have yet"));
}

TEST_F(IsolateTest, ALimitThatEndedACallIsInTheEvent) {
  ASSERT_EQ(Load("export default { fetch() { for (;;); } }", {.cpu_ms = 20}),
            "");
  const InvocationId id = Arrive("/");
  Turn();
  ASSERT_NE(Event(id), nullptr);
  ASSERT_THAT(Event(id)->exceptions, SizeIs(1));
  EXPECT_THAT(Event(id)->exceptions[0].message, HasSubstr("20 ms CPU time"));
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

TEST_F(IsolateTest, AnUnknownModuleIsNamed) {
  EXPECT_THAT(Load("import './gone.js'; export default { fetch() {} }"),
              HasSubstr("No such module \"./gone.js\""));
}

TEST_F(IsolateTest, StartUpHasItsOwnCpuLimit) {
  EXPECT_THAT(Load("for (;;); export default { fetch() {} }"),
              HasSubstr("Script startup exceeded CPU time limit"));
}

TEST_F(IsolateTest, AMainModuleWithoutHandlersIsNoWorker) {
  EXPECT_THAT(Load("export const x = 1;"), HasSubstr("default export"));
}

TEST_F(IsolateTest, CodeFromStringsIsRefused) {
  ASSERT_EQ(Load("export default { fetch() { try { return new Response("
                 "String(eval('1'))); } catch (e) { return new Response("
                 "e.name); } } }"),
            "");
  const InvocationId id = Arrive("/");
  Turn();
  EXPECT_EQ(Answer(id), "200 EvalError");
}

TEST_F(IsolateTest, ModulesOfEveryKindAreImported) {
  ASSERT_EQ(
      Load({{"index.js", registry::ModuleType::kEsModule,
             "import text from './a.txt'; import data from 'b.bin';"
             "import json from './dir/c.json'; import { d } from './dir/d.js';"
             "export default { async fetch() { return new Response([text,"
             " new Uint8Array(data)[1], json.x, d, (await import("
             "'./dir/d.js')).d].join()); } }"},
            {"a.txt", registry::ModuleType::kText, "t"},
            {"b.bin", registry::ModuleType::kData, "\x01\x02"},
            {"dir/c.json", registry::ModuleType::kJson, R"({"x":3})"},
            {"dir/d.js", registry::ModuleType::kEsModule,
             "import e from './e.js'; export const d = e;"},
            {"dir/e.js", registry::ModuleType::kEsModule, "export default 4"}}),
      "");
  const InvocationId id = Arrive("/");
  Turn();
  EXPECT_EQ(Answer(id), "200 t,2,3,4,4");
}

TEST_F(IsolateTest, AnAnswerOfAnOriginShowsItsLength) {
  ASSERT_EQ(
      Load("export default { fetch: async () => new Response("
           " (await fetch('http://a/')).headers.get('content-length')) }"),
      "");
  const InvocationId id = Arrive("/");
  Turn();
  const FetchId fetch = Asked<StartFetch>().at(0).fetch;
  FetchAnswered answered{.fetch = fetch, .head = {}};
  answered.head.body_size = 5;
  Arrive(std::move(answered));
  Arrive(BodyArrived{fetch, "hello", true});
  Turn();
  EXPECT_EQ(Answer(id), "200 5");
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

TEST_F(IsolateTest, AModuleMayImportItselfWhileItStarts) {
  ASSERT_EQ(Load("const self = import('./index.js'); export const x = 7;"
                 "export default { async fetch() {"
                 " return new Response(String((await self).x)); } }"),
            "");
  const InvocationId id = Arrive("/");
  Turn();
  EXPECT_EQ(Answer(id), "200 7");
}

TEST_F(IsolateTest, AnImportThatFailsAtRunTimeRejects) {
  ASSERT_EQ(Load("export default { fetch: () => import('./gone.js').catch("
                 "(e) => new Response(e.message)) }"),
            "");
  const InvocationId id = Arrive("/");
  Turn();
  EXPECT_THAT(Answer(id), HasSubstr("No such module"));
}

TEST_F(IsolateTest, AThenGetterRunsUnderTheLimitOfItsInvocation) {
  ASSERT_EQ(Load("export default { async fetch(r) {"
                 " if (r.method === 'POST') "
                 "Object.defineProperty(Object.prototype, 'then', {"
                 "  configurable: true, get() { delete Object.prototype.then;"
                 "   for (;;); } });"
                 " await r.arrayBuffer(); return new Response('read'); } }",
                 {.cpu_ms = 20}),
            "");
  RequestArrived request;
  request.invocation = 101;
  request.head = std::make_unique<net::RequestHead>();
  request.head->method = "POST";
  request.head->scheme = "http";
  request.head->authority = "test.localhost";
  request.head->target = "/";
  request.has_body = true;
  Arrive(std::move(request));
  Turn();
  Arrive(BodyArrived{101, "bytes", false});
  Turn();
  EXPECT_EQ(Outcome(101), "exceededCpu");
  const InvocationId next = Arrive("/");
  Turn();
  EXPECT_EQ(Answer(next), "200 read");
}

TEST_F(IsolateTest, AStreamThatBreaksIsCut) {
  ASSERT_EQ(Load("export default { fetch: () => new Response("
                 "new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(9));"
                 " throw new Error('broken'); } })) }"),
            "");
  const InvocationId id = Arrive("/");
  TurnUntilQuiet();
  EXPECT_THAT(Asked<RespondAbort>(), SizeIs(1));
  EXPECT_NE(Event(id), nullptr);
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

}  // namespace
}  // namespace caravel::runtime
