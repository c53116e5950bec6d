// Calls of one Worker by another, by fetch(), by connect() and by RPC: who is
// called, what goes over, and how it ends.
#include "runtime/testing/services_fixture.h"

namespace caravel::runtime {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class IsolateServicesTest : public ServicesFixture {};

TEST_F(IsolateServicesTest, AFetchGoesToTheOtherWorkerAsItIs) {
  Load("return (await env.B.fetch('http://x/a?b')).text();", kCallee);
  EXPECT_EQ(Ask(), "GET http://x/a?b");
}

TEST_F(IsolateServicesTest, WhatTheHandlerThrowsIsThrownByFetch) {
  Load("await env.B.fetch('http://x/throw');", kCallee);
  EXPECT_EQ(Ask(), "RangeError: no");
}

TEST_F(IsolateServicesTest, ACallIsAnsweredInOneStep) {
  Load("return await env.B.add(1, 2);", kCallee);
  EXPECT_EQ(Ask(), "3");
  EXPECT_EQ(calls_, 1U);
  EXPECT_TRUE(callers_.empty());
  EXPECT_EQ(callee_.running(), 0U);
}

TEST_F(IsolateServicesTest, WhatAHandlerHasWrittenToAConnectionIsSent) {
  Load(
      "const said = (to) => new Response(env.B.connect(to).readable).text();"
      "return await said('open:1') + await said('close:1');",
      "export default { async connect(socket) {"
      " const { localAddress } = await socket.opened;"
      " const w = socket.writable.getWriter();"
      " for (const text of ['one ', 'two ', 'three '])"
      "  void w.write(new TextEncoder().encode(text));"
      " if (localAddress === 'close:1') void w.close();"
      "} };");
  EXPECT_EQ(Ask(), "one two three one two three ");
}

TEST_F(IsolateServicesTest, AConnectionIsClosedWhenTheHandlersSideHasSaidAll) {
  Load(
      "const socket = env.B.connect('a:1');"
      "const w = socket.writable.getWriter();"
      "await w.write(new TextEncoder().encode('echo, '));"
      "await w.close();"
      "const text = await new Response(socket.readable).text();"
      "await socket.closed;"
      "return text + await env.B.told();",
      "let told = 'open';"
      "export default class extends WorkerEntrypoint {"
      " async connect(socket) {"
      "  await socket.readable.pipeTo(socket.writable);"
      "  await socket.closed;"
      "  told = 'closed';"
      " }"
      " told() { return told; }"
      "}");
  EXPECT_EQ(Ask(), "echo, closed");
}

TEST_F(IsolateServicesTest, WhoReadsNothingOfAConnectionHearsOfItsEnd) {
  Load(
      "const socket = env.B.connect('a:1');"
      "await socket.writable.getWriter().write(new Uint8Array(1));"
      "await socket.closed;"
      "const { done } = await socket.readable.getReader().read();"
      "return done;",
      "export default { async connect(socket) {"
      " await socket.readable.getReader().read();"
      "} };");
  EXPECT_EQ(Ask(), "true");
}

TEST_F(IsolateServicesTest, WhatNobodyReadsOfAConnectionIsNotInTheWayOfItsEnd) {
  Load(
      "const socket = env.B.connect('a:1');"
      "await socket.closed;"
      "return new Response(socket.readable).text();",
      "export default { async connect(socket) {"
      " const w = socket.writable.getWriter();"
      " await w.write(new TextEncoder().encode('o'));"
      " await w.write(new TextEncoder().encode('ne'));"
      "} };");
  EXPECT_EQ(Ask(), "one");
}

TEST_F(IsolateServicesTest, AConnectionIsReadAheadOnlySoFar) {
  Load(
      "const socket = env.B.connect('a:1');"
      "let closed = false;"
      "socket.closed.then(() => { closed = true; });"
      "await env.B.written();"
      "const before = closed;"
      "const { length } = await new Response(socket.readable).text();"
      "await socket.closed;"
      "return [before, length];",
      "let tell; const told = new Promise((resolve) => { tell = resolve; });"
      "export default class extends WorkerEntrypoint {"
      " async connect(socket) {"
      "  const w = socket.writable.getWriter();"
      "  for (let i = 0; i < 100; i++) await w.write(new Uint8Array(10_000));"
      "  await w.close();"
      "  tell();"
      " }"
      " written() { return told; }"
      "}");
  EXPECT_EQ(Ask(), "false,1000000");
}

TEST_F(IsolateServicesTest, WhoHasSaidAllOnAConnectionReadsItsEnd) {
  Load(
      "const socket = env.B.connect('a:1');"
      "await socket.closed;"
      "return await env.B.read();",
      "let tell; const told = new Promise((resolve) => { tell = resolve; });"
      "export default class extends WorkerEntrypoint {"
      " async connect(socket) {"
      "  await socket.writable.close();"
      "  tell(await new Response(socket.readable).text().then("
      "   (text) => `all: ${text}`, (error) => `${error}`));"
      " }"
      " read() { return told; }"
      "}");
  EXPECT_EQ(Ask(), "all: ");
}

TEST_F(IsolateServicesTest, WhoGivesUpReadingAConnectionHearsOfItsEnd) {
  Load(
      "const socket = env.B.connect('a:1');"
      "const reader = socket.readable.getReader();"
      "await socket.opened;"  // a read is asked for at once from then on
      "const piece = reader.read();"
      "await reader.cancel();"
      "await socket.writable.getWriter().write(new Uint8Array(1));"
      "await socket.closed;"
      "return (await piece).done;",
      "export default { async connect(socket) {"
      " await socket.readable.getReader().read();"
      " const w = socket.writable.getWriter();"
      " for (let i = 0; i < 3; i++) await w.write(new Uint8Array(10));"
      "} };");
  EXPECT_EQ(Ask(), "true");
}

TEST_F(IsolateServicesTest, AnEntrypointHasItsProps) {
  Load("return JSON.stringify(await env.NAMED.props());", kCallee);
  EXPECT_EQ(Ask(), R"({"a":[1]})");
}

TEST_F(IsolateServicesTest, ErrorsKeepTheirNameAndMessage) {
  Load("await env.B.fail();", kCallee);
  EXPECT_EQ(Ask(), "TypeError: refused");
}

TEST_F(IsolateServicesTest, ACallBeyondItsLimitFailsForTheCallerAlone) {
  Load(
      "let why; try { await env.B.spin(); } catch (e) { why = e.message; }"
      "return why + await env.B.add(1, 2);",
      kCallee);
  EXPECT_EQ(Ask(), "Worker exceeded CPU time limit.3");
}

TEST_F(IsolateServicesTest, AMethodThatNeverReturnsIsFoundOut) {
  Load("await env.B.never();",
       "export default class extends WorkerEntrypoint {"
       " never() { return new Promise(() => {}); } }");
  EXPECT_THAT(Ask(), HasSubstr("your Worker's code had hung"));
  EXPECT_EQ(callee_.running(), 0U);
}

TEST_F(IsolateServicesTest, ACallWhoseCallerIsGoneIsCanceled) {
  Load("env.B.wait(); return 1;",
       "export default class extends WorkerEntrypoint {"
       " async wait() { await scheduler.wait(1e6); } }");
  const InvocationId id = caller_.Ask();
  for (const OutboxEntry& entry : caller_.Run()) ToCallee(entry);
  EXPECT_EQ(caller_.answers[id], "1");
  std::string outcome;
  while (!callee_.idle()) {
    for (const OutboxEntry& entry : callee_.Run()) {
      const auto* ended = std::get_if<InvocationEnded>(&entry.action);
      if (ended != nullptr && ended->event != nullptr) {
        outcome = ended->event->outcome;
      }
    }
  }
  EXPECT_EQ(outcome, "canceled");
  EXPECT_EQ(callee_.running(), 0U);
}

TEST_F(IsolateServicesTest, ResponsesAndStreamsGoOver) {
  Load(
      "const r = await env.B.text();"
      "const s = new Response('a stream').body;"
      "return [r.status, await r.text(), await env.B.read(s)].join();",
      kCallee);
  EXPECT_EQ(Ask(), "201,text,a stream");
  EXPECT_EQ(callee_.running(), 0U);
}

TEST_F(IsolateServicesTest, WhatCannotBeSentIsRefusedByName) {
  Load("class Foo {} await env.B.echo({ foo: new Foo() });", kCallee);
  EXPECT_EQ(Ask(),
            "DataCloneError: Could not serialize object of type \"Foo\". This "
            "type does not support serialization.");
}

TEST_F(IsolateServicesTest, WhatIsFarTooLargeIsRefusedWhileItIsWritten) {
  caller_.cpu_ms = 30'000;  // not what is tested
  Load(
      "const big = 'a'.repeat(25e6);"
      "const all = [new Array(60).fill(big),"
      " new Array(20).fill().map(() => new Response(big))];"
      "const said = [];"
      "for (const value of all)"
      " said.push(await env.B.echo(value).catch((e) => e.name));"
      "try { structuredClone(all[0]); } catch (e) { said.push(e.name); }"
      "return said;",
      kCallee);
  EXPECT_EQ(Ask(), "DataCloneError,DataCloneError,DataCloneError");
}

TEST_F(IsolateServicesTest, WhateverIsThrownTheCallerHearsOfIt) {
  Load(
      "const said = [];"
      "for (const name of ['trap', 'getter', 'getterOfGetters'])"
      " said.push(await env.B[name]().catch((e) => `${e.name} ${e.message}`));"
      "return said.join('; ');",
      kCallee);
  EXPECT_EQ(Ask(), "Error #<Object>; Error () => 1; Error #<Object>");
}

TEST_F(IsolateServicesTest, LargeValuesGoOverInPieces) {
  Load("return (await env.B.echo('x'.repeat(3_000_000))).length;", kCallee);
  EXPECT_EQ(Ask(), "3000000");
}

TEST_F(IsolateServicesTest, OwnEntrypointsAreCalledWithProps) {
  ServiceSide side;
  ASSERT_EQ(side.Load("import { WorkerEntrypoint, exports } from "
                      "'cloudflare:workers';\n"
                      "export class E extends WorkerEntrypoint {}\n"
                      "export const other = 1;\n"
                      "export default { async fetch(request, env, ctx) {"
                      " ctx.exports.E({ props: { user: 1 } }).some();"
                      " return new Response(Object.keys(exports) + "
                      "' ' + Object.keys(ctx.exports)); } };"),
            "");
  const InvocationId id = side.Ask();
  const Outbox asked = side.Run();
  EXPECT_EQ(side.answers[id], "E,default E,default");
  const auto* call = std::get_if<StartFetch>(&asked.front().action);
  ASSERT_NE(call, nullptr);
  EXPECT_EQ(call->service->worker, "");
  EXPECT_EQ(call->service->entrypoint, "E");
  EXPECT_THAT(call->service->props, StartsWith("\xFF"));
}

constexpr const char* kOwnCaller = R"(
import { WorkerEntrypoint } from 'cloudflare:workers';
export class E extends WorkerEntrypoint {
  never() { return new Promise(() => {}); }
  later() { return scheduler.wait(1); }
  fetch() { return this.never(); }
  one() { return 1; }
}
export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    const own = ctx.exports.E();
    return new Response(pathname === '/fetch' ? await own.fetch(request)
                                              : await own[pathname.slice(1)]());
  },
};)";

class OwnCallTest : public ::testing::Test {
 protected:
  // Asks for `path`, and brings the call that comes of it to the isolate
  // itself; what is asked for behind that.
  Outbox AskAndCall(const std::string& path) {
    EXPECT_EQ(side_.Load(kOwnCaller), "");
    id_ = side_.Ask(path);
    for (const OutboxEntry& entry : side_.Run()) {
      EXPECT_FALSE(std::holds_alternative<RespondError>(entry.action))
          << "the call is on its way";
      if (const auto* call = std::get_if<StartFetch>(&entry.action)) {
        (void)side_.Called(*call);
      }
    }
    return side_.Run();
  }
  // The number of the error page that the client gets; 0: none.
  int ErrorIn(const Outbox& outbox) const {
    for (const OutboxEntry& entry : outbox) {
      const auto* error = std::get_if<RespondError>(&entry.action);
      if (error != nullptr && entry.invocation == id_) return error->number;
    }
    return 0;
  }
  ServiceSide side_;
  InvocationId id_ = 0;
};

TEST_F(OwnCallTest, OneThatNeverReturnsIsFoundOut) {
  EXPECT_EQ(ErrorIn(AskAndCall("/never")), 1101);
  EXPECT_EQ(side_.running(), 0U);
}

TEST_F(OwnCallTest, ARequestThatNobodyAnswersIsFoundOut) {
  EXPECT_EQ(ErrorIn(AskAndCall("/fetch")), 1101);
}

TEST_F(OwnCallTest, OneThatWaitsForSomethingIsWaitedFor) {
  EXPECT_EQ(ErrorIn(AskAndCall("/later")), 0);
  EXPECT_EQ(side_.running(), 2U);
}

TEST_F(OwnCallTest, AnAnswerOnItsWayIsWaitedFor) {
  EXPECT_EQ(ErrorIn(AskAndCall("/one")), 0);
  EXPECT_EQ(side_.running(), 1U);
}

TEST_F(IsolateServicesTest, OtherExportsTakeThePlaceOfThoseThatAreThere) {
  ServiceSide side;
  ASSERT_EQ(
      side.Load("import { env, exports, withEnvAndExports, withExports } "
                "from 'cloudflare:workers';\n"
                "export default { async fetch() {"
                " const own = exports.default;"
                " const seen = withExports({ default: 1, other: 2 }, () =>"
                "  [exports.default, Object.keys(exports), "
                "Reflect.ownKeys(exports)]);"
                " seen.push(withEnvAndExports({ B: 3 }, { default: 4 }, () =>"
                "  [env.B, exports.default]));"
                " seen.push(exports.default === own, Object.keys(exports));"
                " return new Response(JSON.stringify(seen)); } };"),
      "");
  const InvocationId id = side.Ask();
  (void)side.Run();
  EXPECT_EQ(side.answers[id],
            R"([1,["default","other"],["default","other"],[3,4],true,)"
            R"(["default"]])");
}

TEST_F(IsolateServicesTest, OtherBindingsTakeThePlaceOfEnvForAFunction) {
  ServiceSide side;
  ASSERT_EQ(
      side.Load(
          "import { env, exports, withEnv, withEnvAndExports, withExports } "
          "from 'cloudflare:workers';\n"
          "export default { async fetch() {"
          " const seen = [Object.keys(env), 'B' in env];"
          " seen.push(withEnv({ X: 1 }, () => [env.X, 'B' in env]));"
          " seen.push(await withEnv({ X: 2 }, async () => {"
          "  await null; return withEnv({ Y: 3 }, () => [env.X, env.Y])"
          "   .concat(env.X); }));"
          " seen.push(withExports({ Z: 4 }, () => [exports.Z, 'B' in env]));"
          " seen.push(withEnvAndExports({ X: 5 }, { Z: 6 }, () =>"
          "  [env.X, exports.Z]));"
          " try { withEnv({ X: 7 }, () => { throw 1; }); } catch {}"
          " seen.push('X' in env);"
          " return new Response(JSON.stringify(seen)); } };"),
      "");
  const InvocationId id = side.Ask();
  (void)side.Run();
  EXPECT_EQ(side.answers[id],
            R"([["B","NAMED"],true,[1,false],[null,3,2],[4,true],[5,6],)"
            R"(false])");
}

}  // namespace
}  // namespace caravel::runtime
