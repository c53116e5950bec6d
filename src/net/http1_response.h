#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "net/exchange.h"

namespace caravel::net {

// How the bytes behind a response's head are framed, and what the head says of
// the connection.
struct Http1ResponseFraming {
  enum class Body : unsigned char {
    kLength,    // Content-Length
    kChunked,   // Transfer-Encoding: chunked
    kToClose,   // until the connection ends (HTTP/1.0)
    kAbsent,    // the status has no body: neither field is written
    kUpgraded,  // the bytes of a WebSocket (status 101)
  };
  enum class Persistence : unsigned char {
    kImplied,    // HTTP/1.1: the connection goes on
    kKeepAlive,  // HTTP/1.0: said, because it was asked for
    kClose,
  };
  Body body = Body::kLength;
  uint64_t length = 0;
  Persistence persistence = Persistence::kImplied;
};

// Whether a response with that status never has a body (RFC 9110, 6.4.1).
inline bool StatusHasNoBody(uint16_t status) {
  return status == 204 || status == 304;
}

// What every response says of the time, "Date: …\r\n": made once a second.
class DateLine {
 public:
  explicit DateLine(const base::Clock& clock) : clock_(clock) {}
  // `now` is at most a round of the loop old. Valid until the next call.
  std::string_view At(base::SteadyTime now);

 private:
  const base::Clock& clock_;
  base::SteadyTime stale_at_ = base::SteadyTime::min();
  std::string line_;
};

// What a response says beside what its answerer does.
struct Http1ResponseFacts {
  std::string_view date_line;  // where the head has no Date
  // As Http1Options have them; without a field the others do not count.
  std::string_view id_field = {};
  uint64_t id = 0;
  std::string_view place = {};
};

// Appends status line and header fields to `out` (RFC 9112, 4). Fields of
// `head` that belong to a connection or frame the body are left out: those are
// the connection's own. So is the one that `facts` has. A reason
// that could not stand in the line gives way to the usual phrase, and a field
// that would break its line is left out: whatever who answers let through,
// nobody gets a second response out of one.
void WriteResponseHead(const ResponseHead& head,
                       const Http1ResponseFraming& framing,
                       const Http1ResponseFacts& facts, std::string& out);

// Appends the size line of a chunk. Requires: size > 0, which would end the
// body.
void WriteChunkSize(uint64_t size, std::string& out);

}  // namespace caravel::net
