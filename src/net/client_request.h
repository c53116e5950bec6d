#pragma once

#include <cstdint>
#include <string>

#include "net/exchange.h"

namespace caravel::net {

// A request as HTTP/1.1 puts it on the wire, but for its body.
struct RequestText {
  std::string head;      // the empty line included
  bool chunked = false;  // how the body is framed: in chunks, or by `length`
  uint64_t length = 0;
};

// The head's bytes: hop-by-hop fields are left out, Host and the framing of the
// body come from `head` alone (RFC 9112, sections 3.2 and 6). Whatever could
// break out of its place (a line end in a value, a space in the target) is
// kInvalid, whoever should have checked it before. CONNECT and a protocol
// upgrade are refused but for that of a WebSocket.
Result<RequestText> WriteRequest(const RequestHead& head);

// Whether sending the request twice is as good as once (RFC 9110, 9.2.2), so
// that it may be tried again when nothing came back.
bool IsIdempotent(std::string_view method);

}  // namespace caravel::net
