// Tests: isolate_web_sockets_test.cc.
#include "runtime/ops/web_socket_binding.h"

#include <utility>

#include "base/utf8.h"
#include "net/websocket_frame.h"
#include "net/websocket_handshake.h"
#include "registry/compatibility.h"
#include "runtime/isolate_state.h"
#include "runtime/js/allocate.h"
#include "runtime/ops/encoding_ops.h"
#include "runtime/ops/fetch_ops.h"
#include "runtime/ops/header_list.h"
#include "runtime/ops/service_binding.h"

namespace caravel::runtime {
namespace {

// WebSockets of an isolate that compress: each has its windows in memory.
constexpr size_t kMostCompressed = 256;

bool MayCompress(const IsolateState& state) {
  size_t compressed = 0;
  for (const auto& [id, socket] : state.web_sockets) {
    compressed += socket.compressed ? 1 : 0;
  }
  return compressed < kMostCompressed &&
         state.compatibility.IsOn("web_socket_compression");
}

// One invocation owns what becomes of a WebSocket: the one that answered with
// it or fetched it. Who else accepts it lends it nothing.
void KeepFrame(js::Scope& scope, RunningWebSocket& socket) {
  if (scope.state().Current(scope) != socket.invocation) return;
  const auto frame = scope.isolate()->GetContinuationPreservedEmbedderDataV2();
  if (!frame.IsEmpty()) socket.frame.Reset(scope.isolate(), frame);
}

// Both sides have closed, or the connection is gone.
void Release(IsolateState& state, WebSocketId id) {
  const auto node = state.web_sockets.extract(id);
  if (node.empty()) return;
  const RunningWebSocket& socket = node.mapped();
  if ((id & 1) == 0) state.fetches.erase(id);
  Invocation* invocation = state.FindInvocation(socket.invocation);
  if (invocation != nullptr && (id & 1) != 0) invocation->answer_open = false;
  if (socket.holds) state.ReleaseHold(socket.invocation);
}

size_t UnsentOf(const IsolateState& state, const RunningWebSocket& socket) {
  return socket.unsent + (socket.sent_turn == state.turn ? socket.sent : 0);
}

// Room for so many bytes. What the peer can take at once needs none of what
// others have left.
bool ChargeMessage(js::Scope& scope, RunningWebSocket& socket, size_t bytes) {
  IsolateState& state = scope.state();
  if (!state.ChargeEntry(scope)) return false;
  const size_t unsent = UnsentOf(state, socket) + bytes;
  if (unsent <= IsolateState::kPassedAtOnce
          ? !state.ChargeAnswer(scope, bytes)
          : !state.ChargeFetch(scope, bytes)) {
    return false;
  }
  socket.sent = unsent - socket.unsent;
  socket.sent_turn = state.turn;
  return true;
}

bool IsOfHandshake(std::string_view name) {
  constexpr std::string_view kPrefix = "sec-websocket-";
  return name.size() > kPrefix.size() &&
         net::EqualsIgnoringCase(name.substr(0, kPrefix.size()), kPrefix) &&
         !net::EqualsIgnoringCase(name, "sec-websocket-protocol");
}

// The headers of `list` but for what the handshake says itself.
bool ReadHeaders(js::Scope& scope, v8::Local<v8::Array> list,
                 net::Headers& headers) {
  net::Headers all;
  bool has_content_type = false;
  if (!ReadHeaderList(scope, list, all, has_content_type)) return false;
  for (size_t i = 0; i < all.size(); ++i) {
    if (!IsOfHandshake(all[i].name)) headers.Add(all[i].name, all[i].value);
  }
  return true;
}

// Nothing that a listener throws, or that cannot be made, goes further.
void Call(js::Scope& scope, const v8::Global<v8::Function>& listener,
          v8::LocalVector<v8::Value>& arguments) {
  if (listener.IsEmpty()) return;
  (void)listener.Get(scope.isolate())
      ->Call(scope.context(), v8::Undefined(scope.isolate()),
             static_cast<int>(arguments.size()), arguments.data());
}

}  // namespace

void WebSocketBinding::Listen(js::Scope& scope, v8::Local<v8::Value> on_message,
                              v8::Local<v8::Value> on_close,
                              v8::Local<v8::Value> on_over) {
  if (!on_message->IsFunction() || !on_close->IsFunction() ||
      !on_over->IsFunction()) {
    return;
  }
  IsolateState& state = scope.state();
  state.on_web_socket_message.Reset(scope.isolate(),
                                    on_message.As<v8::Function>());
  state.on_web_socket_close.Reset(scope.isolate(), on_close.As<v8::Function>());
  state.on_web_socket_over.Reset(scope.isolate(), on_over.As<v8::Function>());
}

int32_t WebSocketBinding::Rules(js::Scope& scope) {
  const registry::Compatibility& date = scope.state().compatibility;
  int32_t rules = 0;
  if (date.IsOn("web_socket_auto_reply_to_close")) rules |= kRepliesToClose;
  if (date.IsOn("websocket_standard_binary_type")) rules |= kBlobs;
  if (date.IsOn("websocket_close_reason_byte_limit")) rules |= kReasonLimit;
  return rules;
}

bool WebSocketBinding::Runs(js::Scope& scope, InvocationId id) {
  return scope.state().FindInvocation(id) != nullptr;
}

bool WebSocketBinding::Answer(js::Scope& scope, InvocationId id,
                              js::ByteString reason,
                              v8::Local<v8::Value> headers,
                              v8::Local<v8::Value> receiver) {
  IsolateState& state = scope.state();
  Invocation* invocation = state.FindInvocation(id);
  if (invocation == nullptr || invocation->answered) return false;
  if (invocation->head->upgrade.empty()) {
    js::ThrowTypeError(scope,
                       "The Worker answered with a WebSocket, but the request "
                       "has no header \"Upgrade: websocket\".");
    return false;
  }
  AcceptWebSocket answer;
  answer.head.status = 101;
  answer.head.reason = std::move(reason.bytes);
  if ((headers->IsArray() &&
       !ReadHeaders(scope, headers.As<v8::Array>(), answer.head.headers)) ||
      !state.ChargeAnswer(
          scope, answer.head.reason.size() + answer.head.headers.bytes())) {
    return false;
  }
  // Making a list of headers runs no script: the invocation is still there.
  const net::Headers& request = invocation->head->headers;
  invocation->answered = true;
  if (const auto refusal = net::CheckWebSocketRequest(request)) {
    invocation->status = refusal->status;
    Respond refused;
    refused.head.status = refusal->status;
    refused.head.headers.Add("content-type", "text/plain;charset=UTF-8");
    refused.head.headers.Add("sec-websocket-version", "13");
    refused.body = refusal->why.message() + "\n";
    refused.head.body_size = static_cast<int64_t>(refused.body.size());
    state.Ask(id, std::move(refused));
    return false;
  }
  if (MayCompress(state)) answer.deflate = net::ChooseWebSocketDeflate(request);
  net::AddWebSocketAnswer(request, answer.deflate, answer.head.headers);
  invocation->status = 101;
  invocation->answer_open = true;
  ++invocation->holds;
  RunningWebSocket& socket = state.web_sockets[id];
  socket.invocation = id;
  socket.holds = true;
  socket.compressed = answer.deflate.has_value();
  socket.receiver.Reset(scope.isolate(), receiver);
  KeepFrame(scope, socket);
  state.Ask(id, std::move(answer));
  return true;
}

bool WebSocketBinding::Attach(js::Scope& scope, WebSocketId id,
                              v8::Local<v8::Value> receiver) {
  RunningWebSocket* socket = scope.state().FindWebSocket(id);
  if (socket == nullptr) return false;
  socket->receiver.Reset(scope.isolate(), receiver);
  return true;
}

v8::MaybeLocal<v8::Value> WebSocketBinding::Connect(
    js::Scope& scope, InvocationId id, std::string url,
    v8::Local<v8::Array> headers, v8::Local<v8::Value> asker,
    v8::Local<v8::Value> via) {
  if (TakeSubrequest(scope, id) == nullptr) return {};
  StartFetch ask;
  if (!ReadHeaders(scope, headers, ask.headers) ||
      !ReadService(scope, via, ask.service)) {
    return {};
  }
  ask.method = "GET";
  ask.url = std::move(url);
  ask.web_socket = true;
  ask.compress = MayCompress(scope.state());
  const FetchId fetch = BeginFetch(scope, id, std::move(ask), asker);
  if (fetch == 0) return {};
  return v8::Integer::New(scope.isolate(), fetch).As<v8::Value>();
}

void WebSocketBinding::Accept(js::Scope& scope, WebSocketId id) {
  IsolateState& state = scope.state();
  RunningWebSocket* socket = state.FindWebSocket(id);
  if (socket == nullptr) return;
  if (!std::exchange(socket->read, true)) {
    state.Ask(socket->invocation, ReadWebSocket{id});
  }
  socket->accepted_by = state.Current(scope);
  if (socket->holds) return;
  Invocation* invocation = state.FindInvocation(socket->invocation);
  if (invocation == nullptr) return;
  ++invocation->holds;
  socket->holds = true;
  KeepFrame(scope, *socket);
}

void WebSocketBinding::Join(js::Scope& scope, WebSocketId one,
                            WebSocketId two) {
  IsolateState& state = scope.state();
  const RunningWebSocket* socket = state.FindWebSocket(one);
  if (socket == nullptr || state.FindWebSocket(two) == nullptr) return;
  state.Ask(socket->invocation, JoinWebSockets{one, two});
}

bool WebSocketBinding::Send(js::Scope& scope, WebSocketId id,
                            v8::Local<v8::Value> message) {
  IsolateState& state = scope.state();
  RunningWebSocket* socket = state.FindWebSocket(id);
  if (socket == nullptr || socket->close_sent) return true;
  if (UnsentOf(state, *socket) >= kMostUnsent) {
    Close(scope, id, net::kWebSocketTryAgainLater,
          "the Worker sends more than is taken");
    return false;
  }
  const InvocationId invocation = socket->invocation;
  WebSocketSend ask{id, message->IsString(), {}};
  if (ask.text) {
    // What it takes is asked for before it is copied.
    const auto text = message.As<v8::String>();
    if (!ChargeMessage(scope, *socket, text->Utf8LengthV2(scope.isolate()))) {
      return true;
    }
    js::AppendUtf8(scope, text, ask.bytes);
  } else {
    js::BytesView view;
    if (!js::FromJs(scope, message, {"send", 1}, view)) return true;
    if (!ChargeMessage(scope, *socket, view.bytes.size())) return true;
    ask.bytes.assign(view.bytes);
  }
  state.Ask(invocation, std::move(ask));
  return true;
}

double WebSocketBinding::Unsent(js::Scope& scope, WebSocketId id) {
  const IsolateState& state = scope.state();
  const RunningWebSocket* socket = scope.state().FindWebSocket(id);
  return socket == nullptr ? 0 : static_cast<double>(UnsentOf(state, *socket));
}

void WebSocketBinding::Close(js::Scope& scope, WebSocketId id, int32_t code,
                             std::string reason) {
  IsolateState& state = scope.state();
  RunningWebSocket* socket = state.FindWebSocket(id);
  if (socket == nullptr || std::exchange(socket->close_sent, true)) return;
  // A Close frame has no room for more. Source: RFC 6455, section 5.5.
  constexpr size_t kMostReason = 123;
  WebSocketClose ask{id, std::nullopt,
                     std::string(base::Utf8Prefix(reason, kMostReason))};
  if (code != 0) ask.code = static_cast<uint16_t>(code);
  state.Ask(socket->invocation, std::move(ask));
  if (socket->close_received) Release(state, id);
}

void TakeWebSocketMessage(js::Scope& scope, const WebSocketMessage& message) {
  IsolateState& state = scope.state();
  const RunningWebSocket* socket = state.FindWebSocket(message.socket);
  if (socket == nullptr || socket->receiver.IsEmpty()) return;
  const auto receiver = socket->receiver.Get(scope.isolate());
  v8::Local<v8::Value> data;
  if (message.text) {
    v8::Local<v8::String> text;
    if (NewTextFromUtf8(scope, message.bytes).ToLocal(&text)) data = text;
  } else {
    v8::Local<v8::ArrayBuffer> buffer;
    if (js::NewBuffer(scope, message.bytes).ToLocal(&buffer)) data = buffer;
  }
  if (data.IsEmpty()) {  // no memory for it
    return WebSocketBinding::Close(scope, message.socket,
                                   net::kWebSocketMessageTooBig,
                                   "the Worker has no memory for the message");
  }
  v8::LocalVector<v8::Value> arguments(scope.isolate());
  arguments.push_back(receiver);
  arguments.push_back(data);
  Call(scope, state.on_web_socket_message, arguments);
}

void TakeWebSocketClosed(js::Scope& scope, const WebSocketClosed& closed) {
  IsolateState& state = scope.state();
  RunningWebSocket* socket = state.FindWebSocket(closed.socket);
  if (socket == nullptr) return;
  const bool known = std::exchange(socket->close_received, true);
  // Script may answer to the Close frame, so the end of it comes afterwards.
  if (!known && !socket->receiver.IsEmpty()) {
    v8::LocalVector<v8::Value> arguments(scope.isolate());
    arguments.push_back(socket->receiver.Get(scope.isolate()));
    arguments.push_back(v8::Integer::New(scope.isolate(), closed.code));
    arguments.push_back(js::NewString(scope, closed.reason));
    arguments.push_back(v8::Boolean::New(scope.isolate(), closed.clean));
    Call(scope, state.on_web_socket_close, arguments);
  }
  socket = state.FindWebSocket(closed.socket);
  if (socket != nullptr && (!closed.clean || socket->close_sent)) {
    Release(state, closed.socket);
  }
}

void ForgetWebSocketsOf(IsolateState& state, InvocationId id) {
  auto& sockets = state.web_sockets;
  for (auto entry = sockets.begin(); entry != sockets.end();) {
    RunningWebSocket& socket = entry->second;
    if (socket.invocation != id) {
      ++entry;
      continue;
    }
    if (!socket.receiver.IsEmpty()) {
      state.ended_web_sockets.push_back(
          {socket.accepted_by, std::move(socket.receiver)});
    }
    entry = sockets.erase(entry);
  }
}

void TellWebSocketEnded(js::Scope& scope, const EndedWebSocket& ended,
                        bool heard) {
  v8::LocalVector<v8::Value> arguments(scope.isolate());
  arguments.push_back(ended.receiver.Get(scope.isolate()));
  arguments.push_back(v8::Boolean::New(scope.isolate(), heard));
  Call(scope, scope.state().on_web_socket_over, arguments);
}

}  // namespace caravel::runtime
