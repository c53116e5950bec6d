#pragma once

#include <v8.h>

#include <cstdint>
#include <string>

#include "runtime/inbox.h"
#include "runtime/js/convert.h"
#include "runtime/js/function.h"
#include "runtime/js/scope.h"

namespace caravel::runtime {

struct EndedWebSocket;
class IsolateState;

// WebSockets between the isolate and clients or origins; pairs within the
// isolate are JS's own. What arrives is told to the functions that listen() was
// given, with the receiver that JS has named for it. An id that is gone does
// nothing. Made when it is first asked for.
// Source: Workers documentation, "WebSockets"; RFC 6455.
//
// Threads: the one that is in the isolate.
struct WebSocketBinding {
  // onMessage(receiver, string or ArrayBuffer),
  // onClose(receiver, code, reason, clean): a Close frame, or not clean: the
  // connection is gone,
  // onOver(receiver, heard): the invocation that it belongs to is over.
  // `heard`: the one that accepted it, in whose name the call is, is another.
  static void Listen(js::Scope& scope, v8::Local<v8::Value> on_message,
                     v8::Local<v8::Value> on_close,
                     v8::Local<v8::Value> on_over);
  // What compatibility date and flags say: bits of Rule.
  static int32_t Rules(js::Scope& scope);
  enum Rule : int32_t {
    kRepliesToClose = 1,  // web_socket_auto_reply_to_close
    kBlobs = 2,           // websocket_standard_binary_type
    kReasonLimit = 4,     // websocket_close_reason_byte_limit
  };

  // Whether the invocation goes on.
  static bool Runs(js::Scope& scope, InvocationId id);

  // Answers the invocation with a WebSocket, which then has its id and holds
  // it. TypeError where its request asks for none. One that asks wrongly is
  // refused as RFC 6455, 4.2.2 says: false.
  static bool Answer(js::Scope& scope, InvocationId id, js::ByteString reason,
                     v8::Local<v8::Value> headers,
                     v8::Local<v8::Value> receiver);
  // Names the receiver; false: it is gone.
  static bool Attach(js::Scope& scope, WebSocketId id,
                     v8::Local<v8::Value> receiver);
  // Asks an origin for one, as FetchOps::Start() asks for an answer.
  static v8::MaybeLocal<v8::Value> Connect(js::Scope& scope, InvocationId id,
                                           std::string url,
                                           v8::Local<v8::Array> headers,
                                           v8::Local<v8::Value> asker,
                                           v8::Local<v8::Value> via);
  // It was accepted: what arrives is read from here on, and it holds its
  // invocation, the one that answered with it or fetched it, whoever calls.
  static void Accept(js::Scope& scope, WebSocketId id);
  // What arrives on either is passed on to the other.
  static void Join(js::Scope& scope, WebSocketId one, WebSocketId two);
  // What is sent on a WebSocket and not taken by its peer: where so much waits,
  // no more is sent.
  static constexpr size_t kMostUnsent = size_t{32} * 1024 * 1024;
  // A string goes as text, bytes as binary. False: too much waits, and the
  // WebSocket is closed with 1013 for it (WebSockets Standard, send(): "full").
  static bool Send(js::Scope& scope, WebSocketId id,
                   v8::Local<v8::Value> message);
  // Bytes of it that wait, beyond what the connection has taken; 0 when gone.
  static double Unsent(js::Scope& scope, WebSocketId id);
  // code 0: none.
  static void Close(js::Scope& scope, WebSocketId id, int32_t code,
                    std::string reason);

  static constexpr const char* kName = "NativeWebSockets";
  static constexpr auto Js() {
    return js::Functions(
        js::Function("listen", &Listen), js::Function("rules", &Rules),
        js::Function("runs", &Runs), js::Function("answer", &Answer),
        js::Function("attach", &Attach), js::Function("connect", &Connect),
        js::Function("accept", &Accept), js::Function("join", &Join),
        js::Function("send", &Send), js::Function("unsent", &Unsent),
        js::Function("close", &Close));
  }
};

// What arrived, for the functions that listen.
void TakeWebSocketMessage(js::Scope& scope, const WebSocketMessage& message);
void TakeWebSocketClosed(js::Scope& scope, const WebSocketClosed& closed);

// The invocation is over, and its WebSockets with it: who is to hear of that
// waits in state.ended_web_sockets.
void ForgetWebSocketsOf(IsolateState& state, InvocationId id);
void TellWebSocketEnded(js::Scope& scope, const EndedWebSocket& ended,
                        bool heard);

}  // namespace caravel::runtime
