// Node's modules and globals in a Worker (runtime/node): what belongs to the
// platform. How Node's library itself behaves is held by its own tests
// (tests/node).
#include <gmock/gmock.h>

#include "runtime/testing/node_fixture.h"

namespace caravel::runtime {
namespace {

using ::testing::HasSubstr;

class IsolateNodeTest : public NodeFixture {};

TEST_F(IsolateNodeTest, ModulesAreFoundWithAndWithoutTheirScheme) {
  ASSERT_EQ(LoadNode("import path from 'node:path';\n"
                     "import { join } from 'path';\n"
                     "import EventEmitter, { once } from 'events';",
                     "return path.join === join && typeof once === 'function' "
                     "&& new EventEmitter() instanceof EventEmitter;"),
            "");
  EXPECT_EQ(Ask(), "200 true");
}

TEST_F(IsolateNodeTest, ModulesAreFoundByAnImportAtRunTime) {
  ASSERT_EQ(LoadNode("", "return (await import('node:util')).inspect([1]);"),
            "");
  EXPECT_EQ(Ask(), "200 [ 1 ]");
}

TEST_F(IsolateNodeTest, AModuleThatIsNotBuiltIsRefusedByName) {
  EXPECT_THAT(LoadNode("import 'node:vfs';", "return 1;"),
              HasSubstr("\"index.js\" imports \"node:vfs\", which Caravel does "
                        "not have yet"));
}

TEST_F(IsolateNodeTest, AModuleThatIsNotBuiltIsRefusedWithoutItsSchemeToo) {
  EXPECT_THAT(LoadNode("import 'vfs';", "return 1;"),
              HasSubstr("\"index.js\" imports \"vfs\", which Caravel does not "
                        "have yet"));
}

TEST_F(IsolateNodeTest, WhatAWorkerCannotDoSaysSoWhenItIsCalled) {
  ASSERT_EQ(
      LoadNode(
          "import { isMainThread, Worker } from 'node:worker_threads';\n"
          "import { spawn } from 'node:child_process';",
          "const told = [isMainThread];"
          "for (const call of [() => new Worker('x'), () => spawn('ls')]) {"
          "  try { call(); } catch (e) { told.push(e.message); }"
          "}"
          "return told.join('; ');"),
      "");
  EXPECT_EQ(Ask(),
            "200 true; node:worker_threads: Worker is not supported in "
            "Workers; node:child_process: spawn() is not supported in Workers");
}

TEST_F(IsolateNodeTest, BytesThatAreNoTextHaveTheCodeOfNodeAndOtherErrorsNot) {
  compatibility_date_ = "2026-08-04";
  ASSERT_EQ(
      Load(
          "const code = (call) => {"
          "  try { return call(); } catch (e) { return e.name + ' ' + e.code; }"
          "};"
          "const decode = (label, bytes) => code(() =>"
          "  new TextDecoder(label, { fatal: true }).decode(bytes));"
          "export default { fetch() { return new Response(["
          "  decode('utf-8', Uint8Array.of(255)),"
          "  decode('shift_jis', Uint8Array.of(255)),"
          "  decode('utf-8', new Uint8Array(2 ** 29)).split(' ')].join()); } }",
          {.cpu_ms = 20'000, .memory_bytes = size_t{1} << 30}),
      "");
  EXPECT_EQ(Ask(),
            "200 TypeError ERR_ENCODING_INVALID_ENCODED_DATA,"
            "TypeError ERR_ENCODING_INVALID_ENCODED_DATA,RangeError,undefined");
}

TEST_F(IsolateNodeTest, ZlibIsSyncAtGlobalScopeAndAsyncInARequest) {
  ASSERT_EQ(
      LoadNode("import zlib from 'node:zlib';\n"
               "import { promisify } from 'node:util';\n"
               "import { pipeline } from 'node:stream/promises';\n"
               "const packed = zlib.gzipSync('hello');",
               "const told = [zlib.gunzipSync(packed)];"
               "for (const [make, undo] of [['gzip', 'unzip'], ['deflate', "
               "    'inflate'], ['deflateRaw', 'inflateRaw'], "
               "    ['brotliCompress', 'brotliDecompress'], "
               "    ['zstdCompress', 'zstdDecompress']])"
               "  told.push(await promisify(zlib[undo])("
               "    await promisify(zlib[make])(make)));"
               "const pieces = [];"
               "await pipeline([Buffer.alloc(1e5), Buffer.from('end')], "
               "  zlib.createGzip(), zlib.createGunzip(), async (source) => {"
               "    for await (const piece of source) pieces.push(piece); });"
               "told.push(Buffer.concat(pieces).length);"
               "await promisify(zlib.inflate)('no such data').catch("
               "  (e) => told.push(e.code, e.message));"
               "return told.join();"),
      "");
  EXPECT_EQ(Ask(),
            "200 hello,gzip,deflate,deflateRaw,brotliCompress,zstdCompress,"
            "100003,Z_DATA_ERROR,incorrect header check");
}

TEST_F(IsolateNodeTest, HandlesOfZlibBearWhatNodesLibraryNeverDoes) {
  ASSERT_EQ(
      LoadNode("import zlib from 'node:zlib';",
               "const told = [];"
               "const call = (f) => { try { f(); told.push('done'); }"
               "  catch (e) { told.push(e.name); } };"
               "const handle = zlib.createGzip()._handle;"
               "const bytes = new Uint8Array(1 << 16);"
               "call(() => handle.writeSync(0, bytes, { valueOf() {"
               "  bytes.buffer.transfer(); return 0; } }, 1 << 16, bytes, 0,"
               "  1 << 16));"
               "call(() => handle.writeSync(99, new Uint8Array(9), 0, 9, "
               "  new Uint8Array(9), 0, 9));"
               "call(() => handle.params(77, 77));"
               "call(() => new handle.constructor(3).writeSync());"
               "call(() => new handle.constructor(99).init(15, 6, 8, 0));"
               "call(() => handle.write.call({}));"
               "handle.close();"
               "call(() => handle.write(0, bytes, 0, 0, bytes, 0, 0));"
               "call(() => handle.reset());"
               "return told.join();"),
      "");
  EXPECT_EQ(Ask(),
            "200 RangeError,done,done,TypeError,Error,TypeError,"
            "TypeError,done");
}

TEST_F(IsolateNodeTest, ArchivesOfZlibSayThatTheyAreNotSupported) {
  ASSERT_EQ(LoadNode("import zlib from 'node:zlib';",
                     "const told = [];"
                     "for (const call of [() => zlib.ZipFile.openSync('x'), "
                     "    () => new zlib.ZipBuffer(Buffer.alloc(9)), "
                     "    () => zlib.zipFiles([])])"
                     "  try { call(); } catch (e) { told.push(e.message); }"
                     "return told.join('; ');"),
            "");
  EXPECT_EQ(Ask(),
            "200 node:zlib: ZipFile.openSync() is not supported in Workers; "
            "node:zlib: ZipBuffer is not supported in Workers; node:zlib: "
            "zipFiles() is not supported in Workers");
}

TEST_F(IsolateNodeTest, RequireIsMadeForModulesOfNode) {
  ASSERT_EQ(
      LoadNode("import { createRequire } from 'node:module';\n"
               "const require = createRequire('/bundle/index.js');",
               "return require('path').sep + require('node:os').EOL.length;"),
      "");
  EXPECT_EQ(Ask(), "200 /1");
}

TEST_F(IsolateNodeTest, RequireMadeOfAnUndefinedUrlIsToldTheFolder) {
  ASSERT_EQ(LoadNode("import { createRequire } from 'node:module';",
                     "try { createRequire(import.meta.url); }"
                     "catch (e) { return e.code + e.message; }"),
            "");
  EXPECT_EQ(Ask(),
            "200 ERR_INVALID_ARG_VALUEThe argument 'filename' must be a file "
            "URL object, file URL string, or absolute path string "
            "(import.meta.url is undefined in Workers: write "
            "createRequire('/bundle/')). Received undefined");
}

TEST_F(IsolateNodeTest, CryptoNeedsNoGlobalsOfTheWorker) {
  ASSERT_EQ(LoadNode("import crypto from 'node:crypto';"
                     "delete globalThis.SharedArrayBuffer;"
                     "globalThis.ArrayBuffer = globalThis.Uint8Array = null;",
                     "return [crypto.randomBytes(4).length, "
                     "crypto.randomFillSync(Buffer.alloc(3)).length, "
                     "crypto.timingSafeEqual(Buffer.alloc(2), "
                     "Buffer.alloc(2))];"),
            "");
  EXPECT_EQ(Ask(), "200 4,3,true");
}

TEST_F(IsolateNodeTest, RequireIsMadeForModulesOfTheBundle) {
  const std::string main =
      "import { createRequire } from 'node:module';\n"
      "const told = [];"
      "const at = createRequire('/bundle/lib/at.js');"
      "const root = createRequire(new URL('file:///bundle/index.js'));"
      "for (const [from, id] of [[at, './a.js'], [root, './lib/b.js'], "
      "    [at, '../d.json'], [root, 'd.json'], [root, '/bundle/t.txt'], "
      "    [at, './t.txt'], [root, './wait.js'], [root, './index.js'], "
      "    [root, './lib/round.js'], [root, './throws.js'], [root, 'nope']]) {"
      "  try { const made = from(id);"
      "    told.push(JSON.stringify(made) + (made === from(id)));"
      "    if (typeof made === 'object') made.patched = 1;"
      "  } catch (e) { told.push(e.code ?? e.message); } }"
      "try { createRequire('index.js'); } catch (e) { told.push(e.code); }"
      "told.push(root.resolve('./lib/a.js'), root.resolve('fs'));"
      "const later = () => createRequire('/')('./index.js').name;"
      "export default { name: 'main', fetch: () =>"
      "  new Response(told.join(' ') + ' ' + later()) };";
  using enum registry::ModuleType;
  compatibility_date_ = "2026-08-04";
  ASSERT_EQ(Load({{"index.js", kEsModule, main},
                  {"lib/a.js", kEsModule,
                   "export const x = 1; export default { y: 2 };"},
                  {"lib/b.js", kEsModule, "export const z = 3;"},
                  {"lib/round.js", kEsModule, "import '../index.js';"},
                  {"wait.js", kEsModule, "await 0;"},
                  {"throws.js", kEsModule, "throw new Error('thrown');"},
                  {"d.json", kJson, "[1]"},
                  {"t.txt", kText, "text"}},
                 {.cpu_ms = 10'000}),
            "");
  EXPECT_EQ(Ask(),
            "200 {\"y\":2}true {\"z\":3}true [1]true [1]true \"text\"true "
            "MODULE_NOT_FOUND ERR_REQUIRE_ASYNC_MODULE "
            "ERR_REQUIRE_CYCLE_MODULE ERR_REQUIRE_CYCLE_MODULE thrown "
            "MODULE_NOT_FOUND ERR_INVALID_ARG_VALUE /bundle/lib/a.js fs main");
}

TEST_F(IsolateNodeTest, WithoutTheFlagThereIsNoNode) {
  ASSERT_EQ(
      LoadNode("", "return typeof process + typeof Buffer;", "2026-08-03"), "");
  EXPECT_EQ(Ask(), "200 undefinedundefined");
}

TEST_F(IsolateNodeTest, GlobalsOfNodeAreThere) {
  ASSERT_EQ(LoadNode("",
                     "return [Buffer.from('ab').toString('hex'), "
                     "typeof process.nextTick, global === globalThis, "
                     "typeof setImmediate];"),
            "");
  EXPECT_EQ(Ask(), "200 6162,function,true,function");
}

TEST_F(IsolateNodeTest, NamesOfExportsThatAreOneInUtf8EndNothing) {
  ASSERT_EQ(LoadNode("",
                     "process['\\ud800'] = 1; process['\\ud801'] = 1;"
                     "return typeof (await import('node:process')).nextTick;"),
            "");
  EXPECT_EQ(Ask(), "200 function");
}

// Memory that another tenant's code has freed must never be seen.
TEST_F(IsolateNodeTest, UnsafeBuffersHoldNothing) {
  ASSERT_EQ(LoadNode("",
                     "let seen = 0;"
                     "for (const size of [1, 64, 4096, 100000]) {"
                     "  for (const b of [Buffer.allocUnsafe(size), "
                     "Buffer.allocUnsafeSlow(size)]) {"
                     "    for (const byte of b) seen |= byte;"
                     "    b.fill(255);"
                     "  }"
                     "}"
                     "return seen;"),
            "");
  EXPECT_EQ(Ask(), "200 0");
}

TEST_F(IsolateNodeTest, EventsKnowsTheListenersOfThePlatformsTargets) {
  ASSERT_EQ(
      LoadNode(
          "import { getEventListeners, listenerCount, once } from "
          "'node:events';",
          "const { signal } = new AbortController(); const a = () => 1;"
          "const b = { handleEvent() {} };"
          "signal.addEventListener('abort', a);"
          "signal.addEventListener('abort', b, { once: true });"
          "signal.addEventListener('other', a);"
          "const [first, second, ...rest] ="
          " getEventListeners(signal, 'abort');"
          "signal.removeEventListener('abort', a);"
          "const target = new EventTarget(); once(target, 'x', { signal });"
          "return [first === a, second === b, rest.length,"
          " listenerCount(signal, 'abort'), listenerCount(target, 'x'),"
          " getEventListeners(target, 'y').length];"),
      "");
  EXPECT_EQ(Ask(), "200 true,true,0,2,1,0");
}

TEST_F(IsolateNodeTest, TimersAreNodesAndConvertToNumbers) {
  ASSERT_EQ(LoadNode("",
                     "const t = setTimeout(() => {}, 5);"
                     "const kind = [typeof t, typeof +t, t.hasRef()];"
                     "t.unref();"
                     "clearTimeout(+t);"
                     "return [...kind, t.hasRef()];"),
            "");
  EXPECT_EQ(Ask(), "200 object,number,true,false");
}

constexpr char kClearEachOthersTimers[] =
    "const told = []; const tell = (what) => () => told.push(what);"
    "const many = ['a', 'b', 'c', 'd', 'e'].map((name) =>"
    " timers.setTimeout(tell(name), 1));"
    "clearTimeout(many[0]); clearTimeout(+many[1]);"
    "clearInterval(many[2]); timers.clearTimeout(`${many[3]}`);"
    "const again = timers.setTimeout(tell('again'), 1);"
    "const first = +again; clearTimeout(again.refresh());"
    "const kept = timers.setTimeout(tell('kept'), 1);"
    "const old = +kept; kept.refresh(); timers.clearTimeout(old);"
    "const third = timers.setTimeout(tell('third'), 1);"
    "const number = +third; third.refresh(); clearTimeout(number);"
    "await new Promise((done) => setTimeout(done, 50));"
    "return told;";

TEST_F(IsolateNodeTest, TimersOfTheModuleAreClearedByTheGlobalFunctions) {
  ASSERT_EQ(
      LoadNode("import timers from 'node:timers';", kClearEachOthersTimers),
      "");
  EXPECT_EQ(Ask(), "200 e");
}

TEST_F(IsolateNodeTest, SoTheyAreWhereThoseGiveNumbers) {
  compatibility_flags_ = {"nodejs_compat"};
  ASSERT_EQ(LoadNode("import timers from 'node:timers';",
                     kClearEachOthersTimers, "2025-10-01"),
            "");
  EXPECT_EQ(Ask(), "200 e");
}

// Node's timers are loaded behind the back of code that never asks for them.
TEST_F(IsolateNodeTest, GlobalTimersAreClearedByNumberAlsoOnceNodesAreLoaded) {
  ASSERT_EQ(
      LoadNode("",
               "const told = []; const tell = (what) => () => told.push(what);"
               "const number = +setTimeout(tell('a'), 5);"
               "const text = `${+setTimeout(tell('b'), 5)}`;"
               "const every = +setInterval(tell('c'), 5);"
               "setTimeout(tell('kept'), 5);"
               "setImmediate(() => {});"
               "clearTimeout(number); clearTimeout(text);"
               "clearInterval(every);"
               "clearTimeout(+setTimeout(tell('d'), 5));"
               "await new Promise((done) => setTimeout(done, 50));"
               "return told;"),
      "");
  EXPECT_EQ(Ask(), "200 kept");
}

TEST_F(IsolateNodeTest, GlobalTimersAreClearedByTheModuleThatIsLoadedLater) {
  ASSERT_EQ(
      LoadNode("",
               "const told = []; const tell = (what) => () => told.push(what);"
               "const past = setTimeout(tell('past'), 1);"
               "await new Promise((done) => setTimeout(done, 50));"
               "const timer = setTimeout(tell('a'), 5);"
               "const number = +setTimeout(tell('b'), 5);"
               "const every = setInterval(tell('c'), 5);"
               "const timers = process.getBuiltinModule('timers');"
               "timers.clearTimeout(timer); timers.clearTimeout(number);"
               "timers.clearInterval(every); timers.clearTimeout(past);"
               "timer.refresh(); past.refresh();"
               "await new Promise((done) => setTimeout(done, 50));"
               "return [...told, timer._destroyed];"),
      "");
  EXPECT_EQ(Ask(), "200 past,true");
}

TEST_F(IsolateNodeTest, TheModuleClearsNumbersOfTheGlobalFunctions) {
  compatibility_flags_ = {"nodejs_compat"};
  ASSERT_EQ(
      LoadNode("import timers from 'node:timers';",
               "const told = []; const tell = (what) => () => told.push(what);"
               "timers.clearTimeout(setTimeout(tell('a'), 1));"
               "timers.clearInterval(`${setInterval(tell('b'), 1)}`);"
               "setTimeout(tell('kept'), 1);"
               "await new Promise((done) => setTimeout(done, 50));"
               "return told;",
               "2025-10-01"),
      "");
  EXPECT_EQ(Ask(), "200 kept");
}

TEST_F(IsolateNodeTest, ATimerRunsWhatPackagesSetOnIt) {
  for (const std::string head : {"", "import 'node:timers';"}) {
    Renew();
    ASSERT_EQ(LoadNode(head,
                       "const told = [];"
                       "const timer = setTimeout(() => told.push('first'), 1);"
                       "const kind = typeof timer._onTimeout;"
                       "timer._onTimeout = (a) => told.push('second');"
                       "await new Promise((done) => setTimeout(done, 50));"
                       "return [kind, ...told];"),
              "");
    EXPECT_EQ(Ask(), "200 function,second") << head;
    ClearOutbox();
  }
}

TEST_F(IsolateNodeTest, ATimerKeepsItsNumberWhenItBeginsAnew) {
  ASSERT_EQ(LoadNode("",
                     "const told = [];"
                     "const timer = setTimeout(() => told.push('no'), 1);"
                     "const number = +timer; timer.refresh();"
                     "clearTimeout(number);"
                     "await new Promise((done) => {"
                     "  const next = setTimeout(done, 50); +next; });"
                     "return told.length;"),
            "");
  EXPECT_EQ(Ask(), "200 0");
}

TEST_F(IsolateNodeTest, WhatFiredBeforeATimerBeganAnewIsNotHeard) {
  for (const std::string head :
       {"", "import { setTimeout } from 'node:timers';"}) {
    Renew();
    ASSERT_EQ(LoadNode(head,
                       "let runs = 0;"
                       "const later = setTimeout(() => { runs++; }, 5);"
                       "const first = setTimeout(() => later.refresh(), 5);"
                       "await new Promise((done) => setTimeout(done, 6));"
                       "return runs;"),
              "");
    const InvocationId id = Arrive("/");
    Turn();
    const std::vector<StartTimer> timers = Asked<StartTimer>();
    ASSERT_EQ(timers.size(), 3U);
    // Both have fired when the turn begins, of which the second begins the
    // first anew.
    for (const size_t at : {1, 0, 2}) Arrive(TimerFired{timers[at].timer});
    Turn();
    EXPECT_EQ(Answer(id), "200 0") << head;
    ClearOutbox();
  }
}

TEST_F(IsolateNodeTest, AnIntervalOfTheModuleCanEndItselfByANumber) {
  compatibility_flags_ = {"nodejs_compat"};
  ASSERT_EQ(LoadNode("import timers from 'node:timers';",
                     "let number; await new Promise((done) => {"
                     "  number = +timers.setInterval(() => {"
                     "    clearInterval(number); done(); }, 1); });"
                     "return number;",
                     "2025-10-01"),
            "");
  const std::string answer = Ask();
  const std::vector<StopTimer> stopped = Asked<StopTimer>();
  ASSERT_EQ(stopped.size(), 1U);
  const auto number = static_cast<TimerNumber>(stopped[0].timer);
  EXPECT_EQ(answer, "200 " + std::to_string(number));
}

TEST_F(IsolateNodeTest, WhatStreamsRefuseBearsNodesCodes) {
  ASSERT_EQ(
      LoadNode("",
               "let controller; const stream = new ReadableStream("
               " { start(c) { controller = c; } }); const reader = "
               "stream.getReader(); controller.close();"
               "const released = new ReadableStream().getReader();"
               "released.releaseLock(); const tried = ["
               "() => controller.enqueue(1), () => stream.getReader(),"
               "() => stream.cancel(), () => released.read(),"
               "() => stream.pipeTo(1), () => stream.getReader({ mode: 'a' }),"
               "() => reader.read.call(1), () => new WritableStream(1),"
               "() => new ReadableStream({}, { highWaterMark: -1 })];"
               "const told = []; for (const call of tried)"
               " try { await call(); told.push('none'); }"
               " catch (e) { told.push(e.code); }"
               "return told.map((code) => String(code).slice(4)).join(' ');"),
      "");
  EXPECT_EQ(Ask(),
            "200 INVALID_STATE INVALID_STATE INVALID_STATE INVALID_STATE "
            "INVALID_ARG_TYPE INVALID_ARG_VALUE INVALID_THIS INVALID_ARG_TYPE "
            "INVALID_ARG_VALUE");
}

TEST_F(IsolateNodeTest, ErrorsOfTheLibraryBearTheirCodesInTheStack) {
  ASSERT_EQ(LoadNode("import path from 'node:path';",
                     "try { path.join(1); } catch (e) {"
                     "  return e.stack.split('\\n')[0];"
                     "}"),
            "");
  EXPECT_THAT(Ask(), HasSubstr("TypeError [ERR_INVALID_ARG_TYPE]: The \"path\" "
                               "argument must be of type string"));
}

TEST_F(IsolateNodeTest, PerfHooksHasThePlatformsTimeline) {
  ASSERT_EQ(
      LoadNode("import { performance, PerformanceObserver, "
               "monitorEventLoopDelay } from 'node:perf_hooks';",
               "const seen = [];"
               "new PerformanceObserver((list) => {"
               "  for (const entry of list.getEntries()) seen.push(entry.name);"
               "}).observe({ entryTypes: ['mark', 'measure'] });"
               "performance.mark('a');"
               "performance.measure('b', 'a');"
               "await null;"
               "let refused;"
               "try { monitorEventLoopDelay({ samplePerIteration: true }); }"
               "catch (error) { refused = error.message; }"
               "return [performance === globalThis.performance, "
               "seen.join(' '), refused];"),
      "");
  EXPECT_EQ(Ask(),
            "200 true,a b,node:perf_hooks: monitorEventLoopDelay({ "
            "samplePerIteration }) is not supported in Workers");
}

// Of the halves of its buckets, which would be 360 KB, one of 8 KB is there;
// all of these would be more than the isolate may have.
TEST_F(IsolateNodeTest, AHistogramCostsWhatItCounts) {
  ASSERT_EQ(LoadNode("import { createHistogram } from 'node:perf_hooks';"
                     "const all = [];",
                     "for (let i = 0; i < 4000; i += 1) {"
                     "  const histogram = createHistogram();"
                     "  histogram.record(i + 1);"
                     "  all.push(histogram);"
                     "}"
                     "return all.length;"),
            "");
  EXPECT_EQ(Ask(), "200 4000");
}

}  // namespace
}  // namespace caravel::runtime
