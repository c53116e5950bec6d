#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "net/exchange.h"
#include "net/websocket_deflate.h"
#include "registry/host_protocol.h"
#include "runtime/fetch_rules.h"
#include "runtime/inbox.h"
#include "runtime/rate_limit.h"
#include "runtime/service_call.h"

// What JS asked for in a turn, in order. Native ops append, the shard carries
// it out after the turn. Bytes are copies: nothing refers into the isolate,
// which another thread may enter meanwhile.
namespace caravel::runtime {

// A write of a cell that has to be synced before what depends on it may leave
// the process (docs/architecture.md, "Gates").
struct Gate {
  uint64_t cell = 0;
  uint64_t commit = 0;
  bool operator==(const Gate&) const = default;
};

// A whole answer.
struct Respond {
  net::ResponseHead head;
  std::string body;
};
// An answer in pieces.
struct RespondStart {
  net::ResponseHead head;
};
struct RespondBody {
  std::string bytes;
};
struct RespondEnd {};
struct RespondAbort {
  std::string why;
};
// The rest of `body` is the answer's body; its bytes do not enter JS.
struct RespondForward {
  net::ResponseHead head;
  BodyId body = 0;
};
// The handler failed before it answered: the client gets the error page.
struct RespondError {
  int number = 0;   // 1101, 1102, …
  std::string why;  // for a Worker that asked: "TypeError: …"
  // The request shall go on to the origin behind the Worker, if there is one,
  // in place of the error page; nullptr: it cannot, or nobody asked for that.
  struct PassOn {
    net::RequestHead head;
    std::string body;        // what has arrived of it, none of which was read
    bool body_ends = false;  // that is all
    bool has_body = false;
  };
  std::unique_ptr<PassOn> pass_on = nullptr;
};

// The answer with status 101 that makes a WebSocket of the connection.
struct AcceptWebSocket {
  net::ResponseHead head;
  std::optional<net::WebSocketDeflateParameters> deflate;
};
struct WebSocketSend {
  WebSocketId socket = 0;
  bool text = false;
  std::string bytes;
};
struct WebSocketClose {
  WebSocketId socket = 0;
  std::optional<uint16_t> code;
  std::string reason;
};
// The Worker takes what arrives: until it asks for that, nothing is read.
struct ReadWebSocket {
  WebSocketId socket = 0;
};
// What arrives on each of the two goes on to the other: so each may send on
// only as the other is taken.
struct JoinWebSockets {
  WebSocketId one = 0;
  WebSocketId two = 0;
};

// JS has taken `bytes` of a body, so that many more may come.
struct GrantBody {
  BodyId body = 0;
  uint64_t bytes = 0;
};
struct CancelBody {
  BodyId body = 0;
};

struct StartFetch {
  FetchId fetch = 0;
  std::string method;
  std::string url;  // absolute, serialized
  net::Headers headers;
  std::string body;
  bool has_body = false;
  bool body_follows = false;  // by FetchBody and FetchEnd
  bool web_socket = false;    // asks for one; answered with status 101
  bool compress = false;      // that, with an offer to compress
  std::shared_ptr<ServiceCall> service;  // to a Worker; nullptr: to an origin
  // What the Worker asks of caches and of the way there; nullptr: nothing.
  std::shared_ptr<const FetchRules> rules;
  uint32_t depth = 0;  // calls of Workers above this one, as ServiceCall::depth
};
struct FetchBody {
  FetchId fetch = 0;
  std::string bytes;
};
struct FetchEnd {
  FetchId fetch = 0;
};
struct FetchAbort {
  FetchId fetch = 0;
};

// A TCP connection of the Worker's own, with TLS at once where `tls` says so.
// What the peer sends arrives as a body with the socket's number.
struct OpenSocket {
  SocketId socket = 0;
  std::string host;  // a name or a numeric address, without brackets
  uint16_t port = 0;
  bool tls = false;
};
struct SocketWrite {
  SocketId socket = 0;
  std::string bytes;
};
// Nothing more is written.
struct SocketEnd {
  SocketId socket = 0;
};
// TLS begins behind what was written; the connection has another number then.
struct SecureSocket {
  SocketId socket = 0;
  SocketId secured = 0;
  std::string host;  // that the certificate must be valid for
};
// Nobody reads any more; what was written is still sent.
struct CloseSocket {
  SocketId socket = 0;
};

// What a name stands for; `number` as registry::ResolveName says.
struct AskName {
  QuestionId question = 0;
  registry::NameQuestion asks = registry::NameQuestion::kAddresses;
  std::string name;
  uint16_t number = 0;
};

// Something of the KV namespace that is the version's binding of that place.
struct AskKv {
  QuestionId question = 0;
  uint32_t binding = 0;
  registry::KvQuestion asks;
};

// Whether one more call with this key is within the limit.
struct AskRateLimit {
  QuestionId question = 0;
  std::shared_ptr<const RateLimit> limit;
  std::string key;
};

struct StartTimer {
  TimerId timer = 0;
  std::chrono::microseconds delay{};
  bool repeat = false;
};
struct StopTimer {
  TimerId timer = 0;
};

// The invocation is over: its answer was given (or failed) and every waitUntil
// has settled.
struct InvocationEnded {
  uint64_t cpu_us = 0;
  // What is to be told of it, without what only the shard knows (worker,
  // version); nullptr for a plain success without log lines.
  std::unique_ptr<registry::LogEvent> event;
  std::unique_ptr<net::RequestHead> head;  // for the shard to use again
};

using OutboxAction =
    std::variant<Respond, RespondStart, RespondBody, RespondEnd, RespondAbort,
                 RespondForward, RespondError, GrantBody, CancelBody,
                 StartFetch, FetchBody, FetchEnd, FetchAbort, OpenSocket,
                 SocketWrite, SocketEnd, SecureSocket, CloseSocket, AskName,
                 AcceptWebSocket, WebSocketSend, WebSocketClose, ReadWebSocket,
                 JoinWebSockets, StartTimer, StopTimer, InvocationEnded, AskKv,
                 AskRateLimit>;

struct OutboxEntry {
  InvocationId invocation = 0;  // on whose behalf; 0: the isolate's own
  std::optional<Gate> gate;     // waits for that sync
  OutboxAction action;
};
using Outbox = std::vector<OutboxEntry>;

}  // namespace caravel::runtime
