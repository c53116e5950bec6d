#pragma once

#include <v8.h>

#include <string>

#include "runtime/inbox.h"
#include "runtime/js/convert.h"
#include "runtime/js/function.h"
#include "runtime/js/scope.h"

namespace caravel::runtime {

class IsolateState;

// Connections of a Worker's own, under cloudflare:sockets and node:net. Each
// belongs to the invocation that opened it and ends with it. What arrives on
// one is read as a body of its number (RequestOps::BodyRead). An id that is
// gone answers as a closed connection does. Made when it is first asked for.
// Source: Workers documentation, "TCP sockets".
//
// Threads: the one that is in the isolate.
struct SocketBinding {
  // 0 and an exception when the invocation has no subrequest left. `host` is a
  // name or a numeric address without brackets.
  static v8::MaybeLocal<v8::Value> Open(js::Scope& scope, InvocationId id,
                                        std::string host, int32_t port,
                                        bool tls);
  // Fulfilled once the connection is there (and TLS established), rejected with
  // an Error when it cannot be had.
  static v8::MaybeLocal<v8::Value> Opened(js::Scope& scope, SocketId id);
  // Fulfilled once both sides have ended, rejected when the connection fails.
  static v8::MaybeLocal<v8::Value> Closed(js::Scope& scope, SocketId id);
  // "127.0.0.1:80", "[::1]:80"; "" before it is open.
  static std::string LocalAddress(js::Scope& scope, SocketId id);
  static std::string RemoteAddress(js::Scope& scope, SocketId id);
  // A promise when the writer has to wait before it writes more: until the
  // connection is there, and until its peer takes more. One at a time.
  static v8::MaybeLocal<v8::Value> Write(js::Scope& scope, SocketId id,
                                         js::BytesView bytes);
  static void End(js::Scope& scope, SocketId id);
  // TLS begins behind what was written, with a certificate for `host`; the id
  // that the connection has then. What arrived and was not read is dropped, and
  // the former id is gone. Requires: the connection is open and in the clear.
  static v8::MaybeLocal<v8::Value> StartTls(js::Scope& scope, SocketId id,
                                            std::string host);
  // What was written is still sent.
  static void Close(js::Scope& scope, SocketId id);

  // What a name stands for: registry::NameQuestion as a number, and what
  // belongs to it. Fulfilled with the answer, one character a byte; rejected
  // with an Error whose message is a code ("ENOTFOUND"). A subrequest.
  static v8::MaybeLocal<v8::Value> Resolve(js::Scope& scope, InvocationId id,
                                           uint32_t asks, std::string name,
                                           uint32_t number);

  static constexpr const char* kName = "NativeSockets";
  static constexpr auto Js() {
    return js::Functions(
        js::Function("open", &Open), js::Function("opened", &Opened),
        js::Function("closed", &Closed),
        js::Function("localAddress", &LocalAddress),
        js::Function("remoteAddress", &RemoteAddress),
        js::Function("write", &Write), js::Function("end", &End),
        js::Function("startTls", &StartTls), js::Function("close", &Close),
        js::Function("resolve", &Resolve));
  }
};

// What the shard tells is noted first, for all connections, before any JS of
// the turn runs; who waits for it is served afterwards.
void NoteSocketOpened(IsolateState& state, const SocketOpened& opened);
void NoteSocketClosed(IsolateState& state, const SocketClosed& closed);
void AddSocketCredit(IsolateState& state, const SocketCredit& credit);
void ServeSocket(js::Scope& scope, SocketId id);
void ServeQuestion(js::Scope& scope, const NameAnswered& answered);

// The invocation is over, and its connections with it. Requires: a turn runs.
void CloseSocketsOf(IsolateState& state, InvocationId id);

}  // namespace caravel::runtime
