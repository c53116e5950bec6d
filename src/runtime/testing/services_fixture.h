#pragma once

#include <gmock/gmock.h>

#include <functional>
#include <map>
#include <string>

#include "base/codec.h"
#include "runtime/testing/js_test.h"
#include "runtime/testing/worker_driver.h"

// For tests of calls of one Worker by another, in two isolates side by side:
// what the caller asks for is brought to the callee as shards would.
namespace caravel::runtime {

// One of the two isolates.
class ServiceSide : public WorkerDriver {
 public:
  ServiceSide() : WorkerDriver(EngineEnvironment::Shared()) {}

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

// A caller whose bindings B and NAMED are to a callee.
class ServicesFixture : public ::testing::Test {
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
      callee_.Take(BodyFailed{entry.invocation, "it has been answered"});
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

  ServiceSide caller_;
  ServiceSide callee_;
  std::map<FetchId, InvocationId> called_;
  std::map<InvocationId, FetchId> callers_;
  std::string last_message_;
  std::string last_answer_;
  std::function<void(std::string&)> spoil_;  // what the callee says
  size_t calls_ = 0;
  bool gives_credit_ = true;
};

// A Worker that is called.
inline constexpr const char* kCallee = R"(
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

}  // namespace caravel::runtime
