#include "runtime/ops/request_ops.h"

#include "base/json_text.h"
#include "runtime/isolate_state.h"
#include "runtime/ops/encoding_ops.h"

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

}  // namespace

std::string RequestOps::Url(js::Scope& scope, InvocationId id) {
  Invocation* invocation = scope.state().FindInvocation(id);
  return invocation == nullptr ? std::string() : invocation->Url();
}

v8::Local<v8::Array> RequestOps::Headers(js::Scope& scope, InvocationId id) {
  const Invocation* invocation = scope.state().FindInvocation(id);
  if (invocation == nullptr) return v8::Array::New(scope.isolate());
  const net::Headers& headers = invocation->head.headers;
  v8::LocalVector<v8::Value> flat(scope.isolate());
  flat.reserve(2 * headers.size());
  std::string lower;
  for (size_t i = 0; i < headers.size(); ++i) {
    const net::Headers::Field field = headers[i];
    lower.assign(field.name);
    for (char& c : lower) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
    }
    flat.push_back(scope.Name(lower));
    flat.push_back(js::NewOneByteString(scope, field.value));
  }
  return v8::Array::New(scope.isolate(), flat.data(), flat.size());
}

std::string RequestOps::Cf(js::Scope& scope, InvocationId id) {
  const Invocation* invocation = scope.state().FindInvocation(id);
  if (invocation == nullptr) return "{}";
  return fmt::format(R"({{"httpProtocol":{},"tlsVersion":{}}})",
                     base::JsonQuote(invocation->head.http),
                     base::JsonQuote(invocation->head.tls));
}

v8::Local<v8::Value> RequestOps::BodyTake(js::Scope& scope, BodyId id) {
  std::optional<std::string> all = TakeWhole(scope.state(), id);
  if (!all) return v8::Undefined(scope.isolate());
  return js::ToJs(scope, js::NewBytes{std::move(*all)});
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
  if (!v8::Promise::Resolver::New(scope.context()).ToLocal(&resolver))
    return {};
  v8::Global<v8::Promise::Resolver> waiter(scope.isolate(), resolver);
  IsolateState& state = scope.state();
  ArrivingBody* body = state.FindBody(id);
  if (body == nullptr) {
    Settle(scope, waiter, v8::Null(scope.isolate()));
  } else if (!body->pieces.empty()) {
    std::string bytes = JoinPieces(body->pieces);
    if (!body->ended) {
      state.Ask(body->invocation, GrantBody{id, bytes.size()});
    }
    Settle(scope, waiter, js::ToJs(scope, js::NewBytes{std::move(bytes)}));
  } else if (body->failure) {
    const std::string failure = *body->failure;
    state.bodies.erase(id);
    Reject(scope, waiter, failure);
  } else if (body->ended) {
    state.bodies.erase(id);
    Settle(scope, waiter, v8::Null(scope.isolate()));
  } else {
    body->reader = std::move(waiter);
  }
  return resolver->GetPromise();
}

void RequestOps::BodyCancel(js::Scope& scope, BodyId id) {
  IsolateState& state = scope.state();
  ArrivingBody* body = state.FindBody(id);
  if (body == nullptr) return;
  Settle(scope, body->reader, v8::Null(scope.isolate()));
  if (!body->ended) state.Ask(body->invocation, CancelBody{id});
  state.bodies.erase(id);
}

void TakeArrived(js::Scope& scope, BodyArrived& arrived) {
  IsolateState& state = scope.state();
  ArrivingBody* body = state.FindBody(arrived.body);
  if (body == nullptr) return;
  body->ended = body->ended || arrived.end;
  if (!arrived.bytes.empty()) {
    if (!body->reader.IsEmpty()) {
      const size_t size = arrived.bytes.size();
      if (!body->ended)
        state.Ask(body->invocation, GrantBody{arrived.body, size});
      Settle(scope, body->reader,
             js::ToJs(scope, js::NewBytes{std::move(arrived.bytes)}));
    } else {
      body->pieces.push_back(std::move(arrived.bytes));
    }
  }
  if (body->ended && !body->reader.IsEmpty()) {
    Settle(scope, body->reader, v8::Null(scope.isolate()));
    state.bodies.erase(arrived.body);
  }
}

void TakeFailed(js::Scope& scope, const BodyFailed& failed) {
  IsolateState& state = scope.state();
  ArrivingBody* body = state.FindBody(failed.body);
  if (body == nullptr) return;
  if (!body->reader.IsEmpty()) {
    Reject(scope, body->reader, failed.why);
    state.bodies.erase(failed.body);
  } else {
    body->failure = failed.why;
    body->ended = true;
  }
}

}  // namespace caravel::runtime
