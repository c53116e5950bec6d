#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "net/exchange.h"
#include "registry/kv_messages.h"

// What has arrived for an isolate since its last turn: values only. The shard
// fills one inbox while the turn consumes another (docs/architecture.md, "A
// turn").
//
// Ids are int32 and 0 names nothing. Invocations are numbered by the shard with
// odd numbers; outbound fetches, sockets and questions by the isolate with even
// ones, which they share. A WebSocket has the number of the invocation that it
// answers or of the fetch that it came by; a body that of the invocation, of
// the fetch or of the socket that it belongs to.
namespace caravel::runtime {

using InvocationId = int32_t;
using FetchId = int32_t;
using SocketId = int32_t;
using QuestionId = int32_t;
using WebSocketId = int32_t;
using BodyId = int32_t;
// One start of a timer: its number in JS in the lower half, above that a number
// that no other start has. So what a timer is told that has begun anew
// meanwhile can be told from what is meant for it.
using TimerId = int64_t;
using TimerNumber = int32_t;

// The head comes back with the invocation's end, so that its memory serves
// the next request.
struct RequestArrived {
  InvocationId invocation = 0;
  std::unique_ptr<net::RequestHead> head;
  bool has_body = false;
};

// `bytes` more of a body, and whether that was the last of it.
struct BodyArrived {
  BodyId body = 0;
  std::string bytes;
  bool end = false;
};

// The rest of a body will not come.
struct BodyFailed {
  BodyId body = 0;
  std::string why;
};

// The client takes `bytes` more of the answer.
struct ResponseCredit {
  InvocationId invocation = 0;
  uint64_t bytes = 0;
};

// The client is gone: nobody waits for the answer.
struct ClientGone {
  InvocationId invocation = 0;
};

struct FetchAnswered {
  FetchId fetch = 0;
  net::ResponseHead head;
};

struct FetchFailed {
  FetchId fetch = 0;
  std::string why;
};

// The origin takes `bytes` more of the body of a fetch.
struct FetchCredit {
  FetchId fetch = 0;
  uint64_t bytes = 0;
};

// Nobody takes more of the body of a fetch: its exchange is over, though not
// all of the body was sent.
struct FetchBodyRefused {
  FetchId fetch = 0;
};

// The connection is there, and TLS established where that was asked for.
struct SocketOpened {
  SocketId socket = 0;
  std::string local;  // "127.0.0.1:49152", "[::1]:49152"
  std::string remote;
};

// The peer takes `bytes` more.
struct SocketCredit {
  SocketId socket = 0;
  uint64_t bytes = 0;
};

// The connection is over: both sides have ended, or why it failed.
struct SocketClosed {
  SocketId socket = 0;
  std::string why;
};

// The answer to AskName, as registry::NameResolved has it.
struct NameAnswered {
  QuestionId question = 0;
  std::string error;
  std::string answer;
};

// The answer to AskKv, which nobody changes.
struct KvAnswered {
  QuestionId question = 0;
  std::shared_ptr<const registry::KvAnswer> answer;
};

// The answer to AskRateLimit: whether the call is within the limit.
struct RateLimited {
  QuestionId question = 0;
  bool success = false;
};

// A whole message of a WebSocket. More comes only once the isolate has had it.
struct WebSocketMessage {
  WebSocketId socket = 0;
  bool text = false;  // UTF-8
  std::string bytes;
};

// The peer's Close frame, or that there is none: the connection is over.
struct WebSocketClosed {
  WebSocketId socket = 0;
  uint16_t code = 0;
  std::string reason;
  bool clean = false;  // a Close frame: this side may still send
};

// What is sent on a WebSocket waits for its peer: so many bytes, when the turn
// begins. Told where it differs from what was told last, and first 0.
struct WebSocketUnsent {
  WebSocketId socket = 0;
  size_t bytes = 0;
};

struct TimerFired {
  TimerId timer = 0;
};

using InboxEntry =
    std::variant<RequestArrived, BodyArrived, BodyFailed, ResponseCredit,
                 ClientGone, FetchAnswered, FetchFailed, FetchCredit,
                 FetchBodyRefused, SocketOpened, SocketCredit, SocketClosed,
                 NameAnswered, WebSocketMessage, WebSocketClosed,
                 WebSocketUnsent, TimerFired, KvAnswered, RateLimited>;
using Inbox = std::vector<InboxEntry>;

}  // namespace caravel::runtime
