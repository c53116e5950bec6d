#pragma once

#include <cstdint>
#include <optional>

#include "net/exchange.h"
#include "net/http1_parser.h"

namespace caravel::net {

// How the bytes behind a request's head are to be read, and what the connection
// does after the answer.
struct Http1Framing {
  bool chunked = false;
  uint64_t length = 0;  // of the body, where it is not chunked
  bool expects_continue = false;
  bool keep_alive = true;  // the client lets the connection be used again
  bool http_1_0 = false;
  bool upgrade = false;  // a WebSocket is asked for (RFC 6455, 4.2.1)
};

// Decides what a parsed head means: framing (RFC 9112, section 6), the
// authority (3.2 and 3.3), whether the connection persists (9.3), what is
// expected (RFC 9110, 10.1.1). Fills `head` but for scheme, client and tls,
// reusing its memory: without hop-by-hop fields, those that Connection names
// among them, and without what frames the body. A Host field is kept, and says
// the authority.
//
// Anything that two readers could understand in two ways is refused. A request
// of HTTP/1.0 without Host has an empty authority.
std::optional<Http1Refusal> ReadHttp1Request(const Http1HeadParser& parsed,
                                             RequestHead& head,
                                             Http1Framing& framing);

}  // namespace caravel::net
