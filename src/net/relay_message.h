#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/codec.h"
#include "base/result.h"
#include "base/strong_id.h"
#include "net/exchange.h"

// The calls of an exchange as values (net/relay.h). Each names its exchange by
// a number that the asking side chose, rising from 1.
//
// Fuzzed by tests/fuzz/relay_message_fuzz.cc.
namespace caravel::net {

using RelayId = base::StrongId<struct RelayIdTag, uint64_t>;

// Bodies travel in pieces of at most this size.
inline constexpr size_t kMaxRelayPiece = 60 * 1024;
// A head that is larger, by RelaySize(), does not travel.
inline constexpr size_t kMaxRelayHead = 512 * 1024;

// An Error as a value.
struct RelayError {
  uint8_t code = 0;  // ErrorCode
  std::string message;
  std::string remedy;
  static constexpr auto Fields() {
    return base::Fields(&RelayError::code, &RelayError::message,
                        &RelayError::remedy);
  }
};
RelayError ToRelayError(const Error& error);
Error FromRelayError(const RelayError& error);

// ---- from the asking side ----

struct RelayStart {
  RelayId exchange;
  RequestHead head;
  static constexpr auto Fields() {
    return base::Fields(&RelayStart::exchange, &RelayStart::head);
  }
};

struct RelayRequestBody {
  RelayId exchange;
  std::string bytes;
  static constexpr auto Fields() {
    return base::Fields(&RelayRequestBody::exchange, &RelayRequestBody::bytes);
  }
};

struct RelayRequestEnd {
  RelayId exchange;
  static constexpr auto Fields() {
    return base::Fields(&RelayRequestEnd::exchange);
  }
};

struct RelayResponseCredit {
  RelayId exchange;
  uint64_t bytes = 0;
  static constexpr auto Fields() {
    return base::Fields(&RelayResponseCredit::exchange,
                        &RelayResponseCredit::bytes);
  }
};

struct RelayCancel {
  RelayId exchange;
  RelayError why;
  static constexpr auto Fields() {
    return base::Fields(&RelayCancel::exchange, &RelayCancel::why);
  }
};

// ---- from the answering side ----

struct RelayGrantRequestBody {
  RelayId exchange;
  uint64_t bytes = 0;
  static constexpr auto Fields() {
    return base::Fields(&RelayGrantRequestBody::exchange,
                        &RelayGrantRequestBody::bytes);
  }
};

// A whole answer whose body is one piece; a longer one comes as a stream.
struct RelayRespond {
  RelayId exchange;
  ResponseHead head;
  std::string body;
  static constexpr auto Fields() {
    return base::Fields(&RelayRespond::exchange, &RelayRespond::head,
                        &RelayRespond::body);
  }
};

struct RelayRespondStart {
  RelayId exchange;
  ResponseHead head;
  static constexpr auto Fields() {
    return base::Fields(&RelayRespondStart::exchange, &RelayRespondStart::head);
  }
};

struct RelayRespondBody {
  RelayId exchange;
  std::string bytes;
  static constexpr auto Fields() {
    return base::Fields(&RelayRespondBody::exchange, &RelayRespondBody::bytes);
  }
};

struct RelayRespondEnd {
  RelayId exchange;
  static constexpr auto Fields() {
    return base::Fields(&RelayRespondEnd::exchange);
  }
};

struct RelayRespondAbort {
  RelayId exchange;
  RelayError why;
  static constexpr auto Fields() {
    return base::Fields(&RelayRespondAbort::exchange, &RelayRespondAbort::why);
  }
};

using RelayMessage =
    std::variant<RelayStart, RelayRequestBody, RelayRequestEnd,
                 RelayResponseCredit, RelayCancel, RelayGrantRequestBody,
                 RelayRespond, RelayRespondStart, RelayRespondBody,
                 RelayRespondEnd, RelayRespondAbort>;

// The index in the variant as one byte, then the encoded struct.
std::string EncodeRelayMessage(const RelayMessage& message);

// Refuses what does not decode, and values that may not stand in a head or are
// above the limits: what is returned can be written into HTTP as it is. Whether
// the message fits its exchange is for the ends to say.
Result<RelayMessage> DecodeRelayMessage(std::string_view bytes);

// About what a head takes in a message.
size_t RelaySize(const RequestHead& head);
size_t RelaySize(const ResponseHead& head);

}  // namespace caravel::net
