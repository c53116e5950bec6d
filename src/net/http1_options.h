#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"
#include "net/http1_parser.h"

namespace caravel::net {

// What stands in a response that the server gives by itself.
struct ErrorPage {
  std::string content_type;
  std::string body;
};

// Makes the page for `status`; `why` tells what happened. A refusal of what the
// client sent has status 4xx; the answerer's RespondAbort() and this server's
// own trouble have 5xx.
using ErrorPageMaker =
    std::function<ErrorPage(uint16_t status, const Error& why)>;

// "404 Not Found", and the reason where the client is to blame: what went wrong
// inside is not told to strangers.
ErrorPage PlainErrorPage(uint16_t status, const Error& why);

// The status that stands for an answerer's error.
uint16_t StatusFor(ErrorCode code);

struct Http1Options {
  std::string scheme = "http";
  Http1Limits limits = {};
  uint64_t max_body_bytes = 100 * 1024 * 1024;  // of a request; above: 413
  uint32_t max_connections = 16 * 1024;         // above: 503, and closed

  // Bytes of a response that may wait in memory for a slow client, and bytes
  // that are read ahead of an answer or of a body that nobody has asked for.
  uint32_t response_window = 256 * 1024;
  uint32_t read_ahead = 64 * 1024;

  std::chrono::milliseconds head_timeout{10'000};  // from its first byte
  // Between two requests; and, of an upgraded connection, while nobody takes
  // what waits.
  std::chrono::milliseconds idle_timeout{75'000};
  std::chrono::milliseconds body_timeout{30'000};   // without a byte of it
  std::chrono::milliseconds write_timeout{30'000};  // without a byte taken
  std::chrono::milliseconds linger_timeout{2'000};  // for the client's end

  ErrorPageMaker error_page = PlainErrorPage;

  // The field of each answer that tells the number by which its request is
  // named (RequestHead::draw) and the place, as "0123456789abcdef-LOC"; one of
  // that name from the answerer is left out. Empty: no request has a number.
  std::string id_field = {};
  std::string place = {};
};

// Since the server was made.
struct Http1Counters {
  uint64_t accepted = 0;             // connections
  uint64_t open = 0;                 // connections, now
  uint64_t refused_connections = 0;  // too many at once
  uint64_t requests = 0;             // given to the target
  uint64_t refused_requests = 0;     // answered with 4xx or 5xx without it
  uint64_t cancelled = 0;            // the client left before the answer's end
  uint64_t aborted = 0;              // the answerer gave up
  uint64_t timeouts = 0;             // connections ended by one
  uint64_t bytes_received = 0;
  uint64_t bytes_sent = 0;
};

}  // namespace caravel::net
