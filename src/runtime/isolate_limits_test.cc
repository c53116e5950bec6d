#include <gmock/gmock.h>

#include "runtime/testing/isolate_fixture.h"

namespace caravel::runtime {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

class IsolateLimitsTest : public IsolateFixture {};

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

// Each request makes the Worker hold so many MB more as its query says.
constexpr const char* kHolder = R"js(
  const kept = [];
  const hold = (megabytes) => {
    for (let i = 0; i < megabytes; i++) kept.push(new Array(1 << 17).fill(1.5));
  };
  export default {
    fetch(request) {
      hold(Number(new URL(request.url).searchParams.get('mb')));
      return new Response(`holds ${kept.length} MB`);
    },
  };)js";

TEST_F(IsolateLimitsTest, AHeapWithinTheLimitIsAWorkersToUse) {
  ASSERT_EQ(Load(kHolder, {.cpu_ms = 60'000}), "");
  for (const char* answer : {"200 holds 55 MB", "200 holds 110 MB"}) {
    const InvocationId id = Arrive("/?mb=55");
    Turn();
    EXPECT_EQ(Answer(id), answer);
  }
  EXPECT_FALSE(isolate_->condemned());
}

TEST_F(IsolateLimitsTest, AHeapBeyondTheLimitEndsTheIsolate) {
  ASSERT_EQ(Load(kHolder, {.cpu_ms = 60'000}), "");
  const InvocationId first = Arrive("/?mb=76");
  Turn();
  EXPECT_EQ(Answer(first), "200 holds 76 MB");
  // More than V8's own limit too: when it collects in between is its affair.
  const InvocationId second = Arrive("/?mb=100");
  Turn();
  EXPECT_EQ(Outcome(second), "exceededMemory");
  EXPECT_TRUE(isolate_->condemned());
}

TEST_F(IsolateLimitsTest, ALimitThatEndedACallIsInTheEvent) {
  ASSERT_EQ(Load("export default { fetch() { for (;;); } }", {.cpu_ms = 20}),
            "");
  const InvocationId id = Arrive("/");
  Turn();
  ASSERT_NE(Event(id), nullptr);
  ASSERT_THAT(Event(id)->exceptions, SizeIs(1));
  EXPECT_THAT(Event(id)->exceptions[0].message, HasSubstr("20 ms CPU time"));
}

TEST_F(IsolateLimitsTest, StartUpHasItsOwnCpuLimit) {
  EXPECT_THAT(Load("for (;;); export default { fetch() {} }"),
              HasSubstr("Script startup exceeded CPU time limit"));
}

TEST_F(IsolateLimitsTest, AThenGetterRunsUnderTheLimitOfItsInvocation) {
  ASSERT_EQ(Load("export default { async fetch(r) {"
                 " if (r.method === 'POST') "
                 "Object.defineProperty(Object.prototype, 'then', {"
                 "  configurable: true, get() { delete Object.prototype.then;"
                 "   for (;;); } });"
                 " await r.arrayBuffer(); return new Response('read'); } }",
                 {.cpu_ms = 20}),
            "");
  const InvocationId id = ArriveWithBody("/");
  Turn();
  Arrive(BodyArrived{id, "bytes", false});
  Turn();
  EXPECT_EQ(Outcome(id), "exceededCpu");
  const InvocationId next = Arrive("/");
  Turn();
  EXPECT_EQ(Answer(next), "200 read");
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
constexpr registry::Limits kFourMegabytes{.cpu_ms = 500,
                                          .memory_bytes = 4 << 20};

TEST_F(IsolateLimitsTest, AnAnswerThatFindsNoRoomEndsItsOwnInvocationAlone) {
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

// "/large" answers with what finds no room once "/release" has let it go on,
// which goes on itself after that with "/release/more".
constexpr const char* kContinuers = R"js(
  let release;
  const released = new Promise((resolve) => { release = resolve; });
  export default {
    async fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === '/large') {
        setTimeout(() => {}, 60_000);  // it waits for something
        await released;
        return new Response('x'.repeat(1 << 20));
      }
      release();
      if (pathname === '/release/more') {
        for (let i = 0; i < 20; i++) await null;
      }
      return new Response('small');
    },
  };)js";

TEST_F(IsolateLimitsTest, AnAnswerThatFindsNoRoomInAnothersCallSparesThatOne) {
  ASSERT_EQ(Load(kContinuers, kFourMegabytes), "");
  isolate_->SetWaitingBytes(4 << 20);
  const InvocationId large = Arrive("/large");
  Turn();
  const InvocationId other = Arrive("/release");
  Turn();
  EXPECT_EQ(Outcome(large), "exceededMemory");
  EXPECT_EQ(Answer(large), "error 1102");
  EXPECT_EQ(Outcome(other), "ok");
  EXPECT_EQ(Answer(other), "200 small");
}

TEST_F(IsolateLimitsTest, ACallThatEndsForAnothersAnswerEndsWhatItHadBegun) {
  ASSERT_EQ(Load(kContinuers, kFourMegabytes), "");
  isolate_->SetWaitingBytes(4 << 20);
  const InvocationId large = Arrive("/large");
  Turn();
  const InvocationId other = Arrive("/release/more");
  Turn();
  EXPECT_EQ(Outcome(large), "exceededMemory");
  EXPECT_EQ(Outcome(other), "exceededMemory");
  EXPECT_EQ(Answer(other), "error 1102");
}

TEST_F(IsolateLimitsTest, WhatATurnHasPassedOnDoesNotCountInTheNext) {
  ASSERT_EQ(Load(kGenerous, kFourMegabytes), "");
  for (int i = 0; i < 10; ++i) {
    const InvocationId id = Arrive("/");
    Turn();
    EXPECT_EQ(Outcome(id), "ok");
  }
}

TEST_F(IsolateLimitsTest,
       WhatWaitsForClientsLeavesRoomForBuffersAndSmallAnswers) {
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

TEST_F(IsolateLimitsTest, BodiesOfFetchesCountAgainstTheMemoryLimit) {
  ASSERT_EQ(Load(kGenerous, kFourMegabytes), "");
  isolate_->SetWaitingBytes(7 << 19);
  const InvocationId id = Arrive("/upload");
  Turn();
  EXPECT_THAT(Asked<StartFetch>(), IsEmpty());
  EXPECT_EQ(Outcome(id), "exceededMemory");
  EXPECT_FALSE(isolate_->condemned());
}

TEST_F(IsolateLimitsTest, AnIsolateThatRestsGivesItsYoungGenerationBack) {
  ASSERT_EQ(Load(R"js(
      export default {
        fetch() {
          let kept;
          for (let i = 0; i < 100; i++) {
            kept = Array.from({ length: 20_000 }, (_, i) => ({ i }));
          }
          return new Response(kept.length);
        },
      };)js",
                 {.cpu_ms = 60'000}),
            "");
  const InvocationId id = Arrive("/");
  Turn();
  EXPECT_EQ(Answer(id), "200 20000");
  EXPECT_GE(isolate_->memory_bytes(), size_t{16} << 20);
  isolate_->Shrink();
  EXPECT_LE(isolate_->memory_bytes(), size_t{8} << 20);
  EXPECT_EQ(isolate_->running(), 0u);
  const InvocationId later = Arrive("/");
  Turn();
  EXPECT_EQ(Answer(later), "200 20000");
}

TEST_F(IsolateLimitsTest, ATurnThatAsksWithoutEndIsEnded) {
  compatibility_date_ = "2026-08-04";  // for the timers of Node
  ASSERT_EQ(Load(R"js(
      const loops = {
        '/clear': () => { for (;;) clearTimeout(setTimeout(() => {}, 1e6)); },
        '/refresh': () => {
          const timer = setTimeout(() => {}, 1e6);
          for (;;) timer.refresh();
        },
        '/fine': () => new Response('fine'),
      };
      export default {
        fetch: (request) => loops[new URL(request.url).pathname](),
      };)js",
                 {.cpu_ms = 300'000}),
            "");
  for (const char* path : {"/clear", "/refresh"}) {
    const InvocationId id = Arrive(path);
    const InvocationId other = Arrive("/fine");
    Turn();
    EXPECT_EQ(Outcome(id), "exceededMemory") << path;
    EXPECT_EQ(Answer(other), "200 fine");
    EXPECT_FALSE(isolate_->condemned());
    ClearOutbox();
  }
}

TEST_F(IsolateLimitsTest, LogLinesThatFindNoRoomAreLeftOutAndCostNoAnswer) {
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
              HasSubstr("requests of this Worker that run at once have "
                        "logged more than 1024 KB"));
  const InvocationId later = Arrive("/log");
  TurnUntilQuiet();
  EXPECT_THAT(Event(later)->logs[0].message, StartsWith(R"(["xxx)"));
}

TEST_F(IsolateLimitsTest, ARequestThatLogsMoreThanItMayIsToldSo) {
  ASSERT_EQ(Load(R"js(export default { fetch() {
    for (let i = 0; i < 3; i++) console.log('x'.repeat(100 << 10));
    return new Response('fine');
  } })js"),
            "");
  const InvocationId id = Arrive("/");
  Turn();
  ASSERT_THAT(Event(id)->logs, SizeIs(3));
  EXPECT_THAT(Event(id)->logs[2].message, HasSubstr("More than 256KB of data"));
}

TEST_F(IsolateLimitsTest, BuffersCountAgainstTheMemoryLimit) {
  ASSERT_EQ(Load("const kept = []; export default { fetch() {"
                 " for (;;) kept.push(new Uint8Array(8 << 20)); } }"),
            "");
  const InvocationId id = Arrive("/");
  Turn();
  // V8 gives a failed allocation a last collection; whether JS then sees the
  // RangeError or the heap's limit ends it is V8's affair.
  EXPECT_THAT(Answer(id), AnyOf("error 1102", "error 1101"));
  EXPECT_LE(isolate_->memory_bytes(), size_t{128} << 20);
}

// Buffers that no limit has room for, and what else the heap is filled with.
constexpr const char* kTooLarge = R"js(
  const kept = [];
  const refused = (make) => { try { make(); return 'made'; }
    catch (error) { return error.name; } };
  export default {
    async fetch(request) {
      const { pathname } = new URL(request.url);
      const told = [refused(() => new ArrayBuffer(2 ** 31)),
        refused(() => new Uint8Array(129 << 20)),
        refused(() => new ArrayBuffer(2 ** 33)),
        refused(() => new ArrayBuffer(8 << 20))];
      if (pathname === '/heap') for (;;) kept.push(new Array(1000).fill(1.5));
      if (pathname === '/array') kept.push(new Array(30_000_000).fill(1.5));
      if (pathname === '/buffers')
        for (;;) refused(() => kept.push(new Uint8Array(8 << 20)));
      return new Response(told.join());
    },
  };)js";

TEST_F(IsolateLimitsTest, ABufferLargerThanTheLimitIsARangeErrorThatIsCaught) {
  ASSERT_EQ(Load(kTooLarge), "");
  const InvocationId id = Arrive("/");
  Turn();
  EXPECT_EQ(Answer(id), "200 RangeError,RangeError,RangeError,made");
  EXPECT_EQ(Outcome(id), "ok");
  EXPECT_FALSE(isolate_->condemned());
}

class AfterTooLargeTest : public IsolateFixture,
                          public testing::WithParamInterface<const char*> {};

TEST_P(AfterTooLargeTest, WhatExceedsTheMemoryLimitIsEnded) {
  ASSERT_EQ(Load(kTooLarge, {.cpu_ms = 20'000}), "");
  const InvocationId id = Arrive(GetParam());
  Turn();
  EXPECT_EQ(Answer(id), "error 1102");
  EXPECT_EQ(Outcome(id), "exceededMemory");
  EXPECT_TRUE(isolate_->condemned());
}

INSTANTIATE_TEST_SUITE_P(Fillings, AfterTooLargeTest,
                         testing::Values("/heap", "/array", "/buffers"));

}  // namespace
}  // namespace caravel::runtime
