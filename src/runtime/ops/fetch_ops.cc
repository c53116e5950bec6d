#include "runtime/ops/fetch_ops.h"

#include "runtime/isolate_state.h"
#include "runtime/ops/fetch_rules_reader.h"
#include "runtime/ops/header_list.h"
#include "runtime/ops/kv_binding.h"
#include "runtime/ops/rate_limit_binding.h"
#include "runtime/promise_hooks.h"

namespace caravel::runtime {
namespace {

constexpr const char* kRefused =
    "the origin has ended the exchange without the rest of the request's body";

// JS sends no more of the body of `id`.
void EndUpload(IsolateState& state, FetchId id) {
  RunningFetch& fetch = state.fetches.at(id);
  fetch.uploading = false;
  if (!fetch.forwarded) return;
  const InvocationId caller = fetch.invocation;
  state.fetches.erase(id);
  state.ReleaseHold(caller);
}

}  // namespace

v8::MaybeLocal<v8::Value> FetchOps::Start(
    js::Scope& scope, InvocationId id, std::string method, std::string url,
    v8::Local<v8::Array> headers, v8::Local<v8::Value> body, bool body_follows,
    v8::Local<v8::Value> asker, v8::Local<v8::Value> via) {
  if (TakeSubrequest(scope, id) == nullptr) return {};
  StartFetch ask;
  bool has_content_type = false;
  if (!ReadHeaderList(scope, headers, ask.headers, has_content_type)) return {};
  ask.has_body = !body->IsNullOrUndefined();
  if (body->IsString()) {
    js::AppendUtf8(scope, body.As<v8::String>(), ask.body);
  } else if (ask.has_body) {
    js::BytesView view;
    if (!js::FromJs(scope, body, {"fetch", 5}, view)) return {};
    ask.body.assign(view.bytes);
  }
  if (!ReadService(scope, via, ask.service)) return {};
  if (via->IsString()) ask.rules = ReadFetchRules(scope, via.As<v8::String>());
  ask.method = std::move(method);
  ask.url = std::move(url);
  ask.body_follows = body_follows;
  const FetchId fetch = BeginFetch(scope, id, std::move(ask), asker);
  if (fetch == 0) return {};
  return v8::Integer::New(scope.isolate(), fetch).As<v8::Value>();
}

v8::MaybeLocal<v8::Value> FetchOps::Write(js::Scope& scope, FetchId id,
                                          js::BytesView bytes) {
  RunningFetch* fetch = scope.state().FindFetch(id);
  if (fetch == nullptr) {
    js::Throw(scope, Error(ErrorCode::kUnavailable, "the fetch has ended"));
    return {};
  }
  if (fetch->refused) {
    js::Throw(scope, Error(ErrorCode::kUnavailable, kRefused));
    return {};
  }
  if (!scope.state().ChargeFetch(scope, bytes.bytes.size())) return {};
  scope.state().Ask(fetch->invocation, FetchBody{id, std::string(bytes.bytes)});
  fetch->credit -= static_cast<int64_t>(bytes.bytes.size());
  if (fetch->credit > 0) {
    return v8::Undefined(scope.isolate()).As<v8::Value>();
  }
  v8::Local<v8::Promise::Resolver> resolver;
  if (!NewResolver(scope).ToLocal(&resolver)) return {};
  fetch->write_waiter.Reset(scope.isolate(), resolver);
  return resolver->GetPromise().As<v8::Value>();
}

void FetchOps::End(js::Scope& scope, FetchId id) {
  const RunningFetch* fetch = scope.state().FindFetch(id);
  if (fetch == nullptr || !fetch->uploading) return;
  scope.state().Ask(fetch->invocation, FetchEnd{id});
  EndUpload(scope.state(), id);
}

void FetchOps::Abort(js::Scope& scope, FetchId id) {
  IsolateState& state = scope.state();
  RunningFetch* fetch = state.FindFetch(id);
  if (fetch == nullptr) return;
  fetch->asker.Reset();
  // An exchange that is over, with an answer that may still be read, has
  // nothing left to abort.
  if (!fetch->refused) state.Ask(fetch->invocation, FetchAbort{id});
  if (fetch->refused || fetch->forwarded) return EndUpload(state, id);
  state.fetches.erase(id);
  state.bodies.erase(id);
}

js::Group<ServiceBinding> FetchOps::Services(js::Scope&) { return {}; }
js::Group<SocketBinding> FetchOps::Sockets(js::Scope&) { return {}; }
js::Group<WebSocketBinding> FetchOps::WebSockets(js::Scope&) { return {}; }
js::Group<KvBinding> FetchOps::Kv(js::Scope&) { return {}; }
v8::MaybeLocal<v8::Value> FetchOps::RateLimit(js::Scope& scope, InvocationId id,
                                              uint32_t limit, std::string key) {
  return TakeFromRateLimit(scope, id, limit, std::move(key));
}

Invocation* TakeSubrequest(js::Scope& scope, InvocationId id) {
  IsolateState& state = scope.state();
  Invocation* invocation = state.FindInvocation(id);
  if (invocation == nullptr) {
    js::Throw(scope,
              Error(ErrorCode::kUnavailable,
                    "Cannot perform I/O on behalf of a request that is over."));
    return nullptr;
  }
  if (++invocation->subrequests > state.limits.subrequests) {
    js::Throw(scope, Error(ErrorCode::kUnavailable,
                           fmt::format("Too many subrequests: the limit of one "
                                       "request is {}.",
                                       state.limits.subrequests)));
    return nullptr;
  }
  return invocation;
}

FetchId BeginFetch(js::Scope& scope, InvocationId id, StartFetch ask,
                   v8::Local<v8::Value> asker) {
  IsolateState& state = scope.state();
  size_t size = ask.headers.bytes() + ask.body.size() + ask.url.size() +
                ask.method.size();
  if (ask.service != nullptr) {
    size += ask.service->props.size() + ask.service->cf.size() +
            ask.service->message.size() + ask.service->connect.size();
  }
  if (ask.rules != nullptr) size += ask.rules->bytes();
  if (!state.ChargeFetch(scope, size)) return 0;
  const FetchId fetch = state.last_fetch += 2;
  ask.fetch = fetch;
  const Invocation* caller = state.FindInvocation(id);
  if (caller != nullptr && caller->service != nullptr) {
    ask.depth = caller->service->depth;
  }
  if (ask.service != nullptr) {
    ask.service->asker = state.number;
    ask.service->asked_by = fetch;
  }
  RunningFetch& running = state.fetches[fetch];
  running.invocation = id;
  running.asker.Reset(scope.isolate(), asker);
  running.uploading = ask.body_follows;
  const auto frame = scope.isolate()->GetContinuationPreservedEmbedderDataV2();
  if (!frame.IsEmpty()) running.frame.Reset(scope.isolate(), frame);
  state.Ask(id, std::move(ask));
  return fetch;
}

void AddFetchCredit(IsolateState& state, const FetchCredit& credit) {
  RunningFetch* fetch = state.FindFetch(credit.fetch);
  if (fetch != nullptr) fetch->credit += static_cast<int64_t>(credit.bytes);
}

void RefuseFetchBody(IsolateState& state, FetchId id) {
  RunningFetch* fetch = state.FindFetch(id);
  if (fetch != nullptr) fetch->refused = fetch->uploading;
}

void ForwardAnswer(IsolateState& state, FetchId id) {
  RunningFetch* fetch = state.FindFetch(id);
  if (fetch == nullptr) return;
  Invocation* invocation = state.FindInvocation(fetch->invocation);
  if (!fetch->uploading || invocation == nullptr) {
    state.fetches.erase(id);
    return;
  }
  fetch->forwarded = true;
  ++invocation->holds;
}

void ServeFetchWriter(js::Scope& scope, FetchId id) {
  RunningFetch* fetch = scope.state().FindFetch(id);
  if (fetch == nullptr) return;
  if (fetch->refused) return Reject(scope, fetch->write_waiter, kRefused);
  if (fetch->credit <= 0) return;
  Settle(scope, fetch->write_waiter, v8::Undefined(scope.isolate()));
}

}  // namespace caravel::runtime
