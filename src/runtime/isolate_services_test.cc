// Calls of one Worker by another, in two isolates side by side: what the caller
// asks for is brought to the callee as shards would.
#include <gmock/gmock.h>

#include <functional>
#include <map>

#include "base/codec.h"
#include "runtime/testing/js_test.h"
#include "runtime/testing/worker_driver.h"

namespace caravel::runtime {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class Side : public WorkerDriver {
 public:
  Side() : WorkerDriver(EngineEnvironment::Shared()) {}

  std::string Load(const std::string& source) {
    registry::Version version;
    version.limits = {.cpu_ms = cpu_ms};
    version.compatibility_date = "2026-07-01";
    version.bindings = {
        {"B", registry::BindingType::kService, R"({"service":"callee"})"},
        {"NAMED", registry::BindingType::kService,
         R"({"service":"callee","entrypoint":"Named",)"
         R"("props":{"a":[1]}})"}};
    return WorkerDriver::Load(
        {{"index.js", registry::ModuleType::kEsModule, source}}, version);
  }
  InvocationId Ask(const std::string& path = "/") {
    return WorkerDriver::Arrive(path);
  }
  InvocationId Called(const StartFetch& fetch) {
    const InvocationId id = WorkerDriver::Arrive("/", fetch.method);
    auto& request = std::get<RequestArrived>(inbox_.back());
    request.head->service = base::Encode(*fetch.service);
    if (!fetch.url.empty()) {  // "http://x/…"
      request.head->authority = "x";
      request.head->target = fetch.url.substr(std::string("http://x").size());
    }
    request.has_body = fetch.body_follows || fetch.has_body;
    if (fetch.has_body) Take(BodyArrived{id, fetch.body, true});
    return id;
  }
  void Take(InboxEntry entry) { WorkerDriver::Arrive(std::move(entry)); }
  // What was asked for in one more turn.
  Outbox Run() {
    Outbox asked;
    if (inbox_.empty()) return asked;
    Turn();
    for (OutboxEntry& entry : outbox_) {
      if (std::holds_alternative<Respond>(entry.action)) {
        answers[entry.invocation] = std::get<Respond>(entry.action).body;
      }
      asked.push_back(std::move(entry));
    }
    ClearOutbox();
    return asked;
  }
  bool idle() const { return inbox_.empty(); }
  size_t running() const { return isolate_->running(); }

  uint32_t cpu_ms = 500;  // of what is loaded next
  std::map<InvocationId, std::string> answers;
};

class IsolateServicesTest : public ::testing::Test {
 protected:
  void Load(const std::string& caller, const std::string& callee) {
    ASSERT_EQ(callee_.Load("import { RpcTarget, WorkerEntrypoint } from "
                           "'cloudflare:workers';\n" +
                           callee),
              "");
    ASSERT_EQ(caller_.Load("import { RpcTarget, RpcStub } from "
                           "'cloudflare:workers';\n"
                           "export default { async fetch(request, env, ctx) {"
                           " try { const value = await (async () => {" +
                           caller +
                           "})(); return new Response(String(value)); }"
                           " catch (e) { return new Response(`${e.name}: "
                           "${e.message}`); } } };"),
              "");
  }

  // What the caller answers a request with.
  std::string Ask() {
    const InvocationId id = caller_.Ask();
    Settle();
    return caller_.answers[id];
  }

  void Settle() {
    while (!caller_.idle() || !callee_.idle()) {
      for (const OutboxEntry& entry : caller_.Run()) ToCallee(entry);
      for (const OutboxEntry& entry : callee_.Run()) ToCaller(entry);
    }
  }

  void ToCallee(const OutboxEntry& entry) {
    if (const auto* fetch = std::get_if<StartFetch>(&entry.action)) {
      ASSERT_NE(fetch->service, nullptr);
      last_message_ = fetch->service->message;
      ++calls_;
      const InvocationId id = callee_.Called(*fetch);
      called_[fetch->fetch] = id;
      callers_[id] = fetch->fetch;
    } else if (const auto* body = std::get_if<FetchBody>(&entry.action)) {
      if (!called_.contains(body->fetch)) return;
      callee_.Take(BodyArrived{called_[body->fetch], body->bytes, false});
      caller_.Take(FetchCredit{body->fetch, body->bytes.size()});
    } else if (const auto* end = std::get_if<FetchEnd>(&entry.action)) {
      if (!called_.contains(end->fetch)) return;
      callee_.Take(BodyArrived{called_[end->fetch], {}, true});
    } else if (const auto* abort = std::get_if<FetchAbort>(&entry.action)) {
      if (!called_.contains(abort->fetch)) return;
      callee_.Take(ClientGone{called_[abort->fetch]});
      Over(called_[abort->fetch]);
    }
  }

  void ToCaller(const OutboxEntry& entry) {
    if (!callers_.contains(entry.invocation)) return;
    const FetchId fetch = callers_[entry.invocation];
    if (const auto* whole = std::get_if<Respond>(&entry.action)) {
      last_answer_ = whole->body;
      caller_.Take(FetchAnswered{fetch, whole->head});
      caller_.Take(BodyArrived{fetch, Spoiled(whole->body), true});
      caller_.Take(FetchBodyRefused{fetch});
      Over(entry.invocation);
    } else if (const auto* start = std::get_if<RespondStart>(&entry.action)) {
      caller_.Take(FetchAnswered{fetch, start->head});
    } else if (const auto* body = std::get_if<RespondBody>(&entry.action)) {
      last_answer_ = body->bytes;
      caller_.Take(BodyArrived{fetch, Spoiled(body->bytes), false});
      if (gives_credit_) {
        callee_.Take(ResponseCredit{entry.invocation, body->bytes.size()});
      }
    } else if (std::holds_alternative<RespondEnd>(entry.action)) {
      caller_.Take(BodyArrived{fetch, {}, true});
      Over(entry.invocation);
    } else if (const auto* abort = std::get_if<RespondAbort>(&entry.action)) {
      caller_.Take(BodyFailed{fetch, abort->why});
      Over(entry.invocation);
    } else if (const auto* error = std::get_if<RespondError>(&entry.action)) {
      caller_.Take(FetchFailed{fetch, error->why});
      Over(entry.invocation);
    }
  }

  std::string Spoiled(std::string bytes) {
    if (spoil_) spoil_(bytes);
    return bytes;
  }

  void Over(InvocationId id) {
    called_.erase(callers_[id]);
    callers_.erase(id);
  }

  Side caller_;
  Side callee_;
  std::map<FetchId, InvocationId> called_;
  std::map<InvocationId, FetchId> callers_;
  std::string last_message_;
  std::string last_answer_;
  std::function<void(std::string&)> spoil_;  // what the callee says
  size_t calls_ = 0;
  bool gives_credit_ = true;
};

constexpr const char* kCallee = R"(
class Counter extends RpcTarget {
  #n = 0;
  own = 1;
  add(n) { return this.#n += n; }
  other() { return new Counter(); }
  echo(value) { return value; }
  get value() { return this.#n; }
  spin() { for (;;); }
  large() { return 'x'.repeat(200_000); }
  [Symbol.dispose]() { globalThis.disposed = (globalThis.disposed ?? 0) + 1; }
}
export class Named extends WorkerEntrypoint {
  props() { return this.ctx.props; }
}
export default class extends WorkerEntrypoint {
  fetch(request) {
    if (request.url.endsWith('/throw')) throw new RangeError('no');
    return new Response(request.method + ' ' + request.url);
  }
  add(a, b) { return a + b; }
  echo(value) { return value; }
  fail() { throw new TypeError('refused'); }
  spin() { for (;;); }
  counter() { return new Counter(); }
  disposed() { return globalThis.disposed ?? 0; }
  async twice(f) { return await f(1) + await f(2); }
  keep(f) { this.constructor.kept = f.dup(); }
  text() { return new Response('text', { status: 201 }); }
  async read(stream) { return await new Response(stream).text(); }
  write(stream) { return stream.getWriter().write('w'); }
  trap() {
    throw new Proxy({}, { getPrototypeOf() { throw new Error('trap'); } });
  }
  getter() { return { get x() { throw () => 1; } }; }
  getterOfGetters() {
    return { get x() { throw { get y() { throw { get z() { throw 1; } }; } };
    } };
  }
})";

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

TEST_F(IsolateServicesTest, WhoGivesUpReadingAConnectionHearsOfItsEnd) {
  Load(
      "const socket = env.B.connect('a:1');"
      "const reader = socket.readable.getReader();"
      "const piece = reader.read();"
      "for (let i = 0; i < 10; i++) await null;"  // until it is asked for
      "await reader.cancel();"
      "await socket.opened;"
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

TEST_F(IsolateServicesTest, ASessionIsToldWhyItsCalleeWasEnded) {
  Load("const c = await env.B.counter(); await c.add(1); await c.spin();",
       kCallee);
  EXPECT_EQ(Ask(), "Error: Worker exceeded CPU time limit.");
  EXPECT_EQ(callee_.running(), 0U);
}

TEST_F(IsolateServicesTest, StubsCallWhatTheyStandFor) {
  Load(
      "const c = await env.B.counter(); await c.add(2);"
      "return [await c.add(3), await c.value, typeof c,"
      " await c.own.then(() => 'seen', (e) => e.message)].join();",
      kCallee);
  EXPECT_EQ(Ask(),
            "5,5,function,The RPC receiver does not implement the method "
            "\"own\".");
}

TEST_F(IsolateServicesTest, ACallOnAResultToComeNeedsNoWait) {
  Load("return await env.B.counter().add(7);", kCallee);
  EXPECT_EQ(Ask(), "7");
  EXPECT_EQ(calls_, 1U);
}

TEST_F(IsolateServicesTest, WhatIsDisposedOfIsToldAndFailsAfterwards) {
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

TEST_F(IsolateServicesTest, AStubGoesWithTheCallersInvocation) {
  Load("globalThis.c = await env.B.counter(); return 1;", kCallee);
  EXPECT_EQ(Ask(), "1");
  EXPECT_EQ(callee_.running(), 0U);
  EXPECT_TRUE(callers_.empty());
}

TEST_F(IsolateServicesTest, AMethodThatNeverReturnsIsFoundOut) {
  Load("await env.B.never();",
       "export default class extends WorkerEntrypoint {"
       " never() { return new Promise(() => {}); } }");
  EXPECT_THAT(Ask(), HasSubstr("your Worker's code had hung"));
  EXPECT_EQ(callee_.running(), 0U);
}

TEST_F(IsolateServicesTest, AStubBelongsToTheRequestThatGotIt) {
  Load(
      "if (globalThis.c) return await globalThis.c.add(1);"
      "globalThis.c = await env.B.counter(); return 1;",
      kCallee);
  EXPECT_EQ(Ask(), "1");
  EXPECT_THAT(Ask(),
              HasSubstr("Cannot perform I/O on behalf of a different request"));
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

TEST_F(IsolateServicesTest, ACalleeThatWaitsForItsCallerEndsWithIt) {
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

TEST_F(IsolateServicesTest, FunctionsAreCalledBack) {
  Load("return await env.B.twice((n) => n * 10);", kCallee);
  EXPECT_EQ(Ask(), "30");
  EXPECT_EQ(callee_.running(), 0U);
}

TEST_F(IsolateServicesTest, WhatACallbackThrowsComesBack) {
  Load("await env.B.twice(() => { throw new RangeError('mine'); });", kCallee);
  EXPECT_EQ(Ask(), "RangeError: mine");
}

TEST_F(IsolateServicesTest, OneOfOursThatComesBackIsStillOurs) {
  Load("const f = await env.B.echo((n) => n + 1); return await f(1);", kCallee);
  EXPECT_EQ(Ask(), "2");
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

TEST_F(IsolateServicesTest, ScriptThatPatchesPrototypesMeetsNothingOfOurs) {
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

// The answer to the second call is lost: nobody knows whether it ran.
TEST_F(IsolateServicesTest, WhatMayHaveRunIsNotRunAgainWhenTheSessionBreaks) {
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

TEST_F(IsolateServicesTest, AMessageThatCannotBeWrittenKeepsNoReferences) {
  Load(
      "const c = await env.B.counter(); const d = await c.other();"
      "try { await c.add(d, new (class Foo {})()); } catch {}"
      "d[Symbol.dispose](); await c.add(1);"
      "return await env.B.disposed();",
      kCallee);
  EXPECT_EQ(Ask(), "1");
}

TEST_F(IsolateServicesTest, LargeValuesGoOverInPieces) {
  Load("return (await env.B.echo('x'.repeat(3_000_000))).length;", kCallee);
  EXPECT_EQ(Ask(), "3000000");
}

TEST_F(IsolateServicesTest, CallsThatCannotBeMadeReject) {
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

TEST_F(IsolateServicesTest, OwnEntrypointsAreCalledWithProps) {
  Side side;
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
  Side side_;
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

// The same of what a callee says.
TEST_F(IsolateServicesTest, AnswersThatAreNoMessageHarmNobody) {
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

TEST_F(IsolateServicesTest, OtherExportsTakeThePlaceOfThoseThatAreThere) {
  Side side;
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
  Side side;
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

// The bytes of another isolate are nobody's to trust: whatever they are, the
// call is answered or ended, and the next one is answered.
TEST_F(IsolateServicesTest, BytesThatAreNoMessageHarmNobody) {
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

}  // namespace
}  // namespace caravel::runtime
