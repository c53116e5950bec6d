#include "runtime/ops/request_ops.h"

#include "base/json_text.h"
#include "runtime/isolate_state.h"
#include "runtime/js/allocate.h"
#include "runtime/ops/encoding_ops.h"
#include "runtime/promise_hooks.h"

namespace caravel::runtime {
namespace {

std::string JoinPieces(std::deque<std::string>& pieces) {
  if (pieces.empty()) return {};
  std::string all = std::move(pieces.front());
  pieces.pop_front();
  for (std::string& piece : pieces) all += piece;
  pieces.clear();
  return all;
}

// The body's bytes when all have arrived; it is gone afterwards.
std::optional<std::string> TakeWhole(IsolateState& state, BodyId id) {
  ArrivingBody* body = state.FindBody(id);
  if (body == nullptr) return std::string();
  if (!body->ended || body->failure) return std::nullopt;
  std::string all = JoinPieces(body->pieces);
  state.bodies.erase(id);
  return all;
}

// Whether the length of the request's body is told to script. A body of nothing
// counts where the method means something by it (RFC 9110 §8.6).
bool TellsLength(const net::RequestHead& head) {
  if (head.body_size != 0) return head.body_size > 0;
  return head.method == "POST" || head.method == "PUT" ||
         head.method == "PATCH";
}

}  // namespace

std::string RequestCf(const net::RequestHead& head) {
  return fmt::format(R"({{"httpProtocol":{},"tlsVersion":{}}})",
                     base::JsonQuote(head.http), base::JsonQuote(head.tls));
}

std::string RequestOps::Url(js::Scope& scope, InvocationId id) {
  Invocation* invocation = scope.state().FindInvocation(id);
  return invocation == nullptr ? std::string() : invocation->Url();
}

v8::Local<v8::Array> RequestOps::Headers(js::Scope& scope, InvocationId id) {
  const Invocation* invocation = scope.state().FindInvocation(id);
  if (invocation == nullptr) return v8::Array::New(scope.isolate());
  const net::RequestHead& head = *invocation->head;
  v8::LocalVector<v8::Value> flat(scope.isolate());
  constexpr size_t kAdded = std::size(kPlatformFields) + 2;
  flat.reserve(2 * (head.headers.size() + kAdded));
  std::string lower;
  VisitFields(head, [&](std::string_view name, std::string_view value) {
    lower.assign(name);
    for (char& c : lower) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
    }
    flat.push_back(scope.Name(lower));
    flat.push_back(js::NewOneByteString(scope, value));
  });
  // Framing is kept apart from the headers, but script may ask for the length.
  if (TellsLength(head)) {
    flat.push_back(scope.Name("content-length"));
    flat.push_back(js::NewOneByteString(scope, std::to_string(head.body_size)));
  }
  return v8::Array::New(scope.isolate(), flat.data(), flat.size());
}

std::string RequestOps::Cf(js::Scope& scope, InvocationId id) {
  const Invocation* invocation = scope.state().FindInvocation(id);
  if (invocation == nullptr) return "{}";
  if (invocation->service != nullptr && !invocation->service->as_client) {
    return invocation->service->cf.empty() ? "{}" : invocation->service->cf;
  }
  return RequestCf(*invocation->head);
}

void RequestOps::KeepSignal(js::Scope& scope, InvocationId id,
                            v8::Local<v8::Value> signal) {
  Invocation* invocation = scope.state().FindInvocation(id);
  if (invocation != nullptr) invocation->signal.Reset(scope.isolate(), signal);
}

v8::MaybeLocal<v8::Value> RequestOps::BodyTake(js::Scope& scope, BodyId id) {
  std::optional<std::string> all = TakeWhole(scope.state(), id);
  if (!all) return v8::Undefined(scope.isolate()).As<v8::Value>();
  v8::Local<v8::ArrayBuffer> buffer;
  if (!js::NewBuffer(scope, *all).ToLocal(&buffer)) return {};
  return buffer.As<v8::Value>();
}

v8::MaybeLocal<v8::Value> RequestOps::BodyTakeText(js::Scope& scope,
                                                   BodyId id) {
  const std::optional<std::string> all = TakeWhole(scope.state(), id);
  if (!all) return v8::Undefined(scope.isolate());
  std::string_view text = *all;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return NewTextFromUtf8(scope, text);
}

v8::MaybeLocal<v8::Value> RequestOps::BodyRead(js::Scope& scope, BodyId id) {
  v8::Local<v8::Promise::Resolver> resolver;
  if (!NewResolver(scope).ToLocal(&resolver)) {
    return {};
  }
  v8::Global<v8::Promise::Resolver> waiter(scope.isolate(), resolver);
  ArrivingBody* body = scope.state().FindBody(id);
  if (body == nullptr) {
    Settle(scope, waiter, v8::Null(scope.isolate()));
  } else {
    body->reader = std::move(waiter);
    ServeReader(scope, id);
  }
  return resolver->GetPromise();
}

void RequestOps::BodyCancel(js::Scope& scope, BodyId id) {
  IsolateState& state = scope.state();
  ArrivingBody* body = state.FindBody(id);
  if (body == nullptr) return;
  v8::Global<v8::Promise::Resolver> reader = std::move(body->reader);
  if (!body->ended) state.Ask(body->invocation, CancelBody{id});
  state.bodies.erase(id);
  Settle(scope, reader, v8::Null(scope.isolate()));
}

void BufferArrived(IsolateState& state, BodyArrived& arrived) {
  ArrivingBody* body = state.FindBody(arrived.body);
  if (body == nullptr) return;
  body->ended = body->ended || arrived.end;
  if (!arrived.bytes.empty()) body->pieces.push_back(std::move(arrived.bytes));
}

void BufferFailed(IsolateState& state, const BodyFailed& failed) {
  ArrivingBody* body = state.FindBody(failed.body);
  if (body == nullptr) return;
  body->failure = failed.why;
  body->ended = true;
}

void ServeReader(js::Scope& scope, BodyId id) {
  IsolateState& state = scope.state();
  ArrivingBody* body = state.FindBody(id);
  if (body == nullptr || body->reader.IsEmpty()) return;
  if (body->pieces.empty() && !body->ended) return;
  // Settling looks up `then`, which may run the tenant's code, which may cancel
  // this very body: so the table is left in order first.
  v8::Global<v8::Promise::Resolver> reader = std::move(body->reader);
  if (!body->pieces.empty()) {
    std::string bytes = JoinPieces(body->pieces);
    body->read = true;
    if (!body->ended) {
      state.Ask(body->invocation, GrantBody{id, bytes.size()});
    }
    v8::TryCatch caught(scope.isolate());
    v8::Local<v8::ArrayBuffer> buffer;
    if (js::NewBuffer(scope, bytes).ToLocal(&buffer)) {
      Settle(scope, reader, buffer);
    } else {
      caught.Reset();
      Reject(scope, reader, "the memory limit of the Worker was reached");
    }
    return;
  }
  const std::optional<std::string> failure = std::move(body->failure);
  state.bodies.erase(id);
  if (failure) {
    Reject(scope, reader, *failure);
  } else {
    Settle(scope, reader, v8::Null(scope.isolate()));
  }
}

}  // namespace caravel::runtime
