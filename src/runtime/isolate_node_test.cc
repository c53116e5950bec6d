// Node's modules and globals in a Worker (runtime/node): what belongs to the
// platform. How Node's library itself behaves is held by its own tests
// (tests/node).
#include <gmock/gmock.h>

#include "runtime/testing/isolate_fixture.h"

namespace caravel::runtime {
namespace {

using ::testing::HasSubstr;

class IsolateNodeTest : public IsolateFixture {
 protected:
  // A Worker with nodejs_compat whose answer is what `body` returns.
  std::string LoadNode(const std::string& head, const std::string& body,
                       const std::string& date = "2026-08-04") {
    compatibility_date_ = date;
    return Load(head +
                "\nexport default { async fetch() { return new "
                "Response(String(await (async () => {" +
                body + "})())); } };");
  }

  std::string Ask() {
    const InvocationId id = Arrive("/");
    TurnUntilQuiet();
    return Answer(id);
  }
};

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
  EXPECT_THAT(
      LoadNode("import 'node:_tls_wrap';", "return 1;"),
      HasSubstr("\"index.js\" imports \"node:_tls_wrap\", which Caravel does "
                "not have yet"));
}

TEST_F(IsolateNodeTest, AModuleThatIsNotBuiltIsRefusedWithoutItsSchemeToo) {
  EXPECT_THAT(
      LoadNode("import '_tls_wrap';", "return 1;"),
      HasSubstr("\"index.js\" imports \"_tls_wrap\", which Caravel does not "
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

TEST_F(IsolateNodeTest, TicksRunBeforeMicrotasksAndAfterTheCall) {
  ASSERT_EQ(LoadNode("",
                     "const order = [];"
                     "await new Promise((done) => setTimeout(() => {"
                     "  Promise.resolve().then(() => order.push('micro'));"
                     "  process.nextTick(() => order.push('tick'));"
                     "  order.push('call');"
                     "  setTimeout(done, 1);"
                     "}, 1));"
                     "return order;"),
            "");
  EXPECT_EQ(Ask(), "200 call,tick,micro");
}

TEST_F(IsolateNodeTest, ATickThatThrowsKeepsNoOtherFromRunning) {
  ASSERT_EQ(LoadNode("",
                     "return new Promise((done) => setTimeout(() => {"
                     "  process.nextTick(() => { throw new Error('one'); });"
                     "  process.nextTick(() => done('two'));"
                     "}, 1));"),
            "");
  const InvocationId id = Arrive("/");
  TurnUntilQuiet();
  EXPECT_EQ(Answer(id), "200 two");
  ASSERT_NE(Event(id), nullptr);
  ASSERT_EQ(Event(id)->exceptions.size(), 1U);
  EXPECT_EQ(Event(id)->exceptions[0].message, "one");
}

// The storage and the invocation travel in the same place.
TEST_F(IsolateNodeTest, StoragesOfInvocationsAreApartAndSoAreTheirLogs) {
  ASSERT_EQ(
      LoadNode("import { AsyncLocalStorage } from 'node:async_hooks';\n"
               "const storage = new AsyncLocalStorage();\n"
               "let count = 0;",
               "const mine = ++count;"
               "return storage.run(mine, async () => {"
               "  await new Promise((done) => setTimeout(done, 5));"
               "  console.log('line of ' + mine);"
               "  return storage.getStore() === mine && storage.getStore();"
               "});"),
      "");
  const InvocationId first = Arrive("/");
  const InvocationId second = Arrive("/");
  TurnUntilQuiet();
  EXPECT_EQ(Answer(first), "200 1");
  EXPECT_EQ(Answer(second), "200 2");
  ASSERT_NE(Event(first), nullptr);
  ASSERT_NE(Event(second), nullptr);
  ASSERT_EQ(Event(first)->logs.size(), 1U);
  EXPECT_THAT(Event(first)->logs[0].message, HasSubstr("line of 1"));
  ASSERT_EQ(Event(second)->logs.size(), 1U);
  EXPECT_THAT(Event(second)->logs[0].message, HasSubstr("line of 2"));
}

TEST_F(IsolateNodeTest, ATickBelongsToTheInvocationThatAskedForIt) {
  ASSERT_EQ(LoadNode("let wake; let first = true;",
                     "if (first) {"
                     "  first = false;"
                     "  await new Promise((done) => { wake = done; });"
                     "  await new Promise((done) => process.nextTick(() => {"
                     "    console.log('tick of the first'); done();"
                     "  }));"
                     "  return 1;"
                     "}"
                     "wake();"
                     "await new Promise((done) => setTimeout(done, 5));"
                     "return 2;"),
            "");
  const InvocationId first = Arrive("/");
  const InvocationId timer_keeper = Arrive("/");
  TurnUntilQuiet();
  EXPECT_EQ(Answer(first), "200 1");
  EXPECT_EQ(Answer(timer_keeper), "200 2");
  ASSERT_NE(Event(first), nullptr);
  EXPECT_EQ(Event(first)->logs.size(), 1U);
  EXPECT_TRUE(Event(timer_keeper) == nullptr ||
              Event(timer_keeper)->logs.empty());
}

TEST_F(IsolateNodeTest, WhatWasBoundBeforeAnyRequestRunsAsTheOneThatCallsIt) {
  ASSERT_EQ(LoadNode("import { AsyncLocalStorage } from 'node:async_hooks';\n"
                     "const storage = new AsyncLocalStorage();\n"
                     "const run = storage.run('bound', () => "
                     "AsyncLocalStorage.snapshot());",
                     "return run(async () => {"
                     "  await new Promise((done) => setTimeout(done, 1));"
                     "  return storage.getStore();"
                     "});"),
            "");
  EXPECT_EQ(Ask(), "200 bound");
}

// Its ticks would run in the next invocation's name.
TEST_F(IsolateNodeTest, AnIsolateThatIsEndedInATickIsDropped) {
  ASSERT_EQ(LoadNode("let calls = 0;",
                     "if (++calls > 1) return 'other';"
                     "for (let i = 0; i < 9; i++) {"
                     "  process.nextTick(() => { for (;;); });"
                     "}"
                     "await new Promise((done) => setTimeout(done, 5));"),
            "");
  const InvocationId id = Arrive("/");
  TurnUntilQuiet();
  EXPECT_EQ(Outcome(id), "exceededCpu");
  EXPECT_TRUE(isolate_->condemned());
}

TEST_F(IsolateNodeTest, ACallThatIsEndedElsewhereLeavesTheIsolate) {
  ASSERT_EQ(LoadNode("import 'node:stream'; let calls = 0;",
                     "if (++calls > 1) return 'other';"
                     "for (;;);"),
            "");
  const InvocationId id = Arrive("/");
  TurnUntilQuiet();
  EXPECT_EQ(Outcome(id), "exceededCpu");
  EXPECT_FALSE(isolate_->condemned());
  EXPECT_EQ(Ask(), "200 other");
}

TEST_F(IsolateNodeTest, NamesOfExportsThatAreOneInUtf8EndNothing) {
  ASSERT_EQ(LoadNode("",
                     "process['\\ud800'] = 1; process['\\ud801'] = 1;"
                     "return typeof (await import('node:process')).nextTick;"),
            "");
  EXPECT_EQ(Ask(), "200 function");
}

TEST_F(IsolateNodeTest, AListenerThatThrowsIsReportedAndTheTicksGoOn) {
  ASSERT_EQ(LoadNode("",
                     "process.setUncaughtExceptionCaptureCallback(() => {"
                     "  throw new Error('in the callback'); });"
                     "return new Promise((done) => {"
                     "  process.nextTick(() => { throw new Error('first'); });"
                     "  process.nextTick(() => done('second'));"
                     "});"),
            "");
  const InvocationId id = Arrive("/");
  TurnUntilQuiet();
  EXPECT_EQ(Answer(id), "200 second");
  ASSERT_NE(Event(id), nullptr);
  EXPECT_EQ(Event(id)->exceptions.at(0).message, "in the callback");
}

// V8 ends the process over a buffer that it cannot get.
TEST_F(IsolateNodeTest, TicksNeedNoMemoryOfTheIsolate) {
  ASSERT_EQ(LoadNode("",
                     "const all = [];"
                     "for (let size = 2 ** 27; size >= 1; size /= 2) {"
                     "  try { for (;;) all.push(new ArrayBuffer(size)); }"
                     "  catch { if (size <= 64) break; }"
                     "  if (all.length > 200) break;"
                     "}"
                     "return typeof process.nextTick + new Uint8Array(8)"
                     ".buffer.byteLength;"),
            "");
  Ask();  // that it comes back is what is asked
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

TEST_F(IsolateNodeTest, ErrorsOfTheLibraryBearTheirCodesInTheStack) {
  ASSERT_EQ(LoadNode("import path from 'node:path';",
                     "try { path.join(1); } catch (e) {"
                     "  return e.stack.split('\\n')[0];"
                     "}"),
            "");
  EXPECT_THAT(Ask(), HasSubstr("TypeError [ERR_INVALID_ARG_TYPE]: The \"path\" "
                               "argument must be of type string"));
}

TEST_F(IsolateNodeTest, TheBundleIsThereToReadAndNotToWrite) {
  ASSERT_EQ(LoadNode("import fs from 'node:fs';",
                     "const text = fs.readFileSync('/bundle/index.js', 'utf8');"
                     "let refused;"
                     "try { fs.writeFileSync('/bundle/index.js', ''); }"
                     "catch (error) { refused = error.message; }"
                     "return [text.startsWith('import fs'), refused,"
                     "        fs.readdirSync('/').join()];"),
            "");
  EXPECT_EQ(Ask(),
            "200 true,EROFS: read-only file system, open "
            "'/bundle/index.js',bundle,dev,tmp");
}

TEST_F(IsolateNodeTest, WhatAnInvocationWritesNoOtherFinds) {
  ASSERT_EQ(LoadNode("import fs from 'node:fs';",
                     "const before = fs.readdirSync('/tmp').length;"
                     "await fs.promises.writeFile('/tmp/a', 'x');"
                     "await fs.promises.appendFile('/tmp/a', 'y');"
                     "const fd = fs.openSync('/tmp/a');"
                     "return [before, fd, fs.readFileSync(fd, 'utf8')];"),
            "");
  EXPECT_EQ(Ask(), "200 0,3,xy");
  EXPECT_EQ(Ask(), "200 0,3,xy");
}

TEST_F(IsolateNodeTest, FilesAreReadAtGlobalScope) {
  ASSERT_EQ(LoadNode("import fs from 'node:fs';"
                     "const text = await fs.promises.readFile("
                     "    '/bundle/index.js', 'utf8');",
                     "return text.length > 0;"),
            "");
  EXPECT_EQ(Ask(), "200 true");
}

TEST_F(IsolateNodeTest, FoldersAreCopiedSearchedAndRemoved) {
  ASSERT_EQ(
      LoadNode("import fs from 'node:fs';",
               "fs.mkdirSync('/tmp/a/b', { recursive: true });"
               "fs.writeFileSync('/tmp/a/b/one.txt', '1');"
               "fs.symlinkSync('b/one.txt', '/tmp/a/two.txt');"
               "fs.cpSync('/tmp/a', '/tmp/c', { recursive: true });"
               "await fs.promises.cp('/tmp/a', '/tmp/d', { recursive: true });"
               "let refused;"
               "try { fs.cpSync('/tmp/a', '/tmp/a/e', { recursive: true }); }"
               "catch (error) { refused = error.code; }"
               "const found = fs.globSync('/tmp/{c,d}/**/*.txt').sort();"
               "const text = fs.readFileSync('/tmp/d/two.txt', 'utf8');"
               "fs.rmSync('/tmp/c', { recursive: true });"
               "await fs.promises.rm('/tmp/d', { recursive: true });"
               "const blob = await fs.openAsBlob('/tmp/a/b/one.txt');"
               "return [found, text, refused, fs.readdirSync('/tmp'), await "
               "blob.text()].join(' ');"),
      "");
  EXPECT_EQ(Ask(),
            "200 /tmp/c/b/one.txt,/tmp/c/two.txt,/tmp/d/b/one.txt,/tmp/d/"
            "two.txt 1 ERR_FS_CP_EINVAL a 1");
}

TEST_F(IsolateNodeTest, FilesAreStreamedAndReadByLines) {
  ASSERT_EQ(
      LoadNode("import fs from 'node:fs';"
               "import { pipeline } from 'node:stream/promises';"
               "import readline from 'node:readline';",
               "await pipeline(['a\\nb', '\\nc'], "
               "fs.createWriteStream('/tmp/x'));"
               "const lines = [];"
               "const input = fs.createReadStream('/tmp/x');"
               "for await (const line of readline.createInterface({ input }))"
               "  lines.push(line);"
               "const handle = await fs.promises.open('/tmp/x');"
               "for await (const line of handle.readLines()) lines.push(line);"
               "return lines;"),
      "");
  EXPECT_EQ(Ask(), "200 a,b,c,a,b,c");
}

TEST_F(IsolateNodeTest, FilesThatCannotBeWatchedSaySo) {
  ASSERT_EQ(LoadNode("import fs from 'node:fs';",
                     "try { fs.watch('/tmp'); }"
                     "catch (error) { return error.code + ' ' + "
                     "error.message; }"),
            "");
  EXPECT_EQ(Ask(),
            "200 ERR_METHOD_NOT_IMPLEMENTED fs.watch() is not supported in "
            "Workers");
}

TEST_F(IsolateNodeTest, PerfHooksHasThePlatformsTimeline) {
  ASSERT_EQ(
      LoadNode("import { performance, PerformanceObserver, createHistogram } "
               "from 'node:perf_hooks';",
               "const seen = [];"
               "new PerformanceObserver((list) => {"
               "  for (const entry of list.getEntries()) seen.push(entry.name);"
               "}).observe({ entryTypes: ['mark', 'measure'] });"
               "performance.mark('a');"
               "performance.measure('b', 'a');"
               "await null;"
               "let refused;"
               "try { createHistogram(); }"
               "catch (error) { refused = error.message; }"
               "return [performance === globalThis.performance, "
               "seen.join(' '), refused];"),
      "");
  EXPECT_EQ(Ask(),
            "200 true,a b,node:perf_hooks: createHistogram() is not supported "
            "in Workers");
}

}  // namespace
}  // namespace caravel::runtime
