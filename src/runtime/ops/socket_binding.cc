#include "runtime/ops/socket_binding.h"

#include <utility>

#include "runtime/isolate_state.h"
#include "runtime/ops/fetch_ops.h"
#include "runtime/ops/kv_binding.h"
#include "runtime/promise_hooks.h"

namespace caravel::runtime {
namespace {

constexpr const char* kIsClosed = "The connection is closed.";

using Waiter = v8::Global<v8::Promise::Resolver>;

// A promise whose resolver is kept in `waiter`. Requires: nobody waits there.
v8::MaybeLocal<v8::Value> Wait(js::Scope& scope, Waiter& waiter) {
  v8::Local<v8::Promise::Resolver> resolver;
  if (!NewResolver(scope).ToLocal(&resolver)) {
    return {};
  }
  waiter.Reset(scope.isolate(), resolver);
  return resolver->GetPromise().As<v8::Value>();
}

// A promise that is settled, with an Error where `why` says one.
v8::MaybeLocal<v8::Value> Settled(js::Scope& scope, std::string_view why) {
  Waiter waiter;
  v8::Local<v8::Value> promise;
  if (!Wait(scope, waiter).ToLocal(&promise)) return {};
  if (why.empty()) {
    Settle(scope, waiter, v8::Undefined(scope.isolate()));
  } else {
    Reject(scope, waiter, why);
  }
  return promise;
}

// Forgets the socket; readers find the end.
void Forget(js::Scope& scope, SocketId id) {
  IsolateState& state = scope.state();
  Waiter reader;
  if (ArrivingBody* body = state.FindBody(id)) reader = std::move(body->reader);
  state.bodies.erase(id);
  auto node = state.sockets.extract(id);
  Settle(scope, reader, v8::Null(scope.isolate()));
  if (node.empty()) return;
  Reject(scope, node.mapped().open_waiter, kIsClosed);
  Reject(scope, node.mapped().write_waiter, kIsClosed);
  Settle(scope, node.mapped().close_waiter, v8::Undefined(scope.isolate()));
}

RunningSocket& Add(IsolateState& state, InvocationId invocation, SocketId id) {
  RunningSocket& socket = state.sockets[id];
  socket.invocation = invocation;
  state.bodies[id].invocation = invocation;
  return socket;
}

}  // namespace

v8::MaybeLocal<v8::Value> SocketBinding::Open(js::Scope& scope, InvocationId id,
                                              std::string host, int32_t port,
                                              bool tls) {
  IsolateState& state = scope.state();
  if (TakeSubrequest(scope, id) == nullptr) return {};
  if (!state.ChargeFetch(scope, host.size())) return {};
  const SocketId socket = state.last_fetch += 2;
  Add(state, id, socket).secured = tls;
  state.Ask(id, OpenSocket{socket, std::move(host), static_cast<uint16_t>(port),
                           tls});
  return v8::Integer::New(scope.isolate(), socket).As<v8::Value>();
}

v8::MaybeLocal<v8::Value> SocketBinding::Opened(js::Scope& scope, SocketId id) {
  RunningSocket* socket = scope.state().FindSocket(id);
  if (socket == nullptr) return Settled(scope, kIsClosed);
  if (socket->opened) return Settled(scope, {});
  if (socket->over || !socket->open_waiter.IsEmpty()) {
    return Settled(scope,
                   socket->failure.empty() ? kIsClosed : socket->failure);
  }
  return Wait(scope, socket->open_waiter);
}

v8::MaybeLocal<v8::Value> SocketBinding::Closed(js::Scope& scope, SocketId id) {
  RunningSocket* socket = scope.state().FindSocket(id);
  if (socket == nullptr) return Settled(scope, {});
  if (socket->over || !socket->close_waiter.IsEmpty()) {
    return Settled(scope, socket->failure);
  }
  return Wait(scope, socket->close_waiter);
}

std::string SocketBinding::LocalAddress(js::Scope& scope, SocketId id) {
  const RunningSocket* socket = scope.state().FindSocket(id);
  return socket == nullptr ? std::string() : socket->local;
}

std::string SocketBinding::RemoteAddress(js::Scope& scope, SocketId id) {
  const RunningSocket* socket = scope.state().FindSocket(id);
  return socket == nullptr ? std::string() : socket->remote;
}

v8::MaybeLocal<v8::Value> SocketBinding::Write(js::Scope& scope, SocketId id,
                                               js::BytesView bytes) {
  RunningSocket* socket = scope.state().FindSocket(id);
  if (socket == nullptr || socket->over || socket->ended ||
      !socket->write_waiter.IsEmpty()) {
    return Settled(scope, socket != nullptr && !socket->failure.empty()
                              ? socket->failure
                              : kIsClosed);
  }
  if (!scope.state().ChargeFetch(scope, bytes.bytes.size())) return {};
  scope.state().Ask(socket->invocation,
                    SocketWrite{id, std::string(bytes.bytes)});
  socket->credit -= static_cast<int64_t>(bytes.bytes.size());
  if (socket->opened && socket->credit > 0) {
    return v8::Undefined(scope.isolate()).As<v8::Value>();
  }
  return Wait(scope, socket->write_waiter);
}

void SocketBinding::End(js::Scope& scope, SocketId id) {
  RunningSocket* socket = scope.state().FindSocket(id);
  if (socket == nullptr || std::exchange(socket->ended, true)) return;
  scope.state().Ask(socket->invocation, SocketEnd{id});
}

v8::MaybeLocal<v8::Value> SocketBinding::StartTls(js::Scope& scope, SocketId id,
                                                  std::string host) {
  IsolateState& state = scope.state();
  const RunningSocket* socket = state.FindSocket(id);
  if (socket == nullptr || !socket->opened || socket->over || socket->ended) {
    js::Throw(scope, Error(ErrorCode::kUnavailable, kIsClosed));
    return {};
  }
  if (socket->secured) {
    js::Throw(scope, Error(ErrorCode::kInvalid,
                           "The connection goes through TLS already; TLS can "
                           "begin once only."));
    return {};
  }
  if (!state.ChargeFetch(scope, host.size())) return {};
  const InvocationId invocation = socket->invocation;
  const SocketId secured = state.last_fetch += 2;
  state.Ask(invocation, SecureSocket{id, secured, std::move(host)});
  Add(state, invocation, secured).secured = true;
  Forget(scope, id);
  return v8::Integer::New(scope.isolate(), secured).As<v8::Value>();
}

void SocketBinding::Close(js::Scope& scope, SocketId id) {
  const RunningSocket* socket = scope.state().FindSocket(id);
  if (socket == nullptr) return;
  scope.state().Ask(socket->invocation, CloseSocket{id});
  Forget(scope, id);
}

v8::MaybeLocal<v8::Value> SocketBinding::Resolve(js::Scope& scope,
                                                 InvocationId id, uint32_t asks,
                                                 std::string name,
                                                 uint32_t number) {
  IsolateState& state = scope.state();
  if (asks > static_cast<uint32_t>(registry::NameQuestion::kLast)) {
    return Settled(scope, "EBADQUERY");
  }
  if (TakeSubrequest(scope, id) == nullptr) return {};
  if (!state.ChargeFetch(scope, name.size())) return {};
  const QuestionId question = state.last_fetch += 2;
  RunningQuestion& running = state.questions[question];
  running.invocation = id;
  state.Ask(id, AskName{question, static_cast<registry::NameQuestion>(asks),
                        std::move(name), static_cast<uint16_t>(number)});
  return Wait(scope, running.waiter);
}

void ServeQuestion(js::Scope& scope, const NameAnswered& answered) {
  auto node = scope.state().questions.extract(answered.question);
  if (node.empty()) return;
  if (!answered.error.empty()) {
    return Reject(scope, node.mapped().waiter, answered.error);
  }
  Settle(scope, node.mapped().waiter,
         js::NewOneByteString(scope, answered.answer));
}

void NoteSocketOpened(IsolateState& state, const SocketOpened& opened) {
  RunningSocket* socket = state.FindSocket(opened.socket);
  if (socket == nullptr) return;
  socket->opened = true;
  socket->local = opened.local;
  socket->remote = opened.remote;
}

void NoteSocketClosed(IsolateState& state, const SocketClosed& closed) {
  RunningSocket* socket = state.FindSocket(closed.socket);
  if (socket == nullptr) return;
  socket->over = true;
  socket->failure = closed.why;
  ArrivingBody* body = state.FindBody(closed.socket);
  if (body != nullptr) body->ended = true;
}

void AddSocketCredit(IsolateState& state, const SocketCredit& credit) {
  RunningSocket* socket = state.FindSocket(credit.socket);
  if (socket != nullptr) socket->credit += static_cast<int64_t>(credit.bytes);
}

// Settling with undefined, and rejecting, run no code of script: what waits is
// served one after the other.
void ServeSocket(js::Scope& scope, SocketId id) {
  RunningSocket* socket = scope.state().FindSocket(id);
  if (socket == nullptr) return;
  const v8::Local<v8::Value> undefined = v8::Undefined(scope.isolate());
  if (socket->opened) Settle(scope, socket->open_waiter, undefined);
  if (!socket->over) {
    if (socket->opened && socket->credit > 0)
      Settle(scope, socket->write_waiter, undefined);
    return;
  }
  const std::string_view why =
      socket->failure.empty() ? std::string_view(kIsClosed) : socket->failure;
  Reject(scope, socket->open_waiter, why);
  Reject(scope, socket->write_waiter, why);
  if (socket->failure.empty()) {
    Settle(scope, socket->close_waiter, undefined);
  } else {
    Reject(scope, socket->close_waiter, why);
  }
}

void CloseSocketsOf(IsolateState& state, InvocationId id) {
  for (auto socket = state.sockets.begin(); socket != state.sockets.end();) {
    if (socket->second.invocation == id) {
      state.Ask(id, CloseSocket{socket->first});
      state.bodies.erase(socket->first);
      socket = state.sockets.erase(socket);
    } else {
      ++socket;
    }
  }
}

}  // namespace caravel::runtime
