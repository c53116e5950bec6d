#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "net/exchange.h"

namespace caravel::net {

// How the body behind a response's head is framed (RFC 9112, section 6.3).
struct ResponseFraming {
  enum class Kind : uint8_t { kNone, kLength, kChunked, kUntilClose };
  Kind kind = Kind::kNone;
  uint64_t length = 0;        // of kLength
  bool keep_alive = false;    // the connection may serve another exchange
  bool to_websocket = false;  // what follows are the bytes of a WebSocket
};

// Reads the heads of HTTP/1.x responses, in the strict form: lines end in CRLF,
// nothing is folded, repaired or guessed, and a head that two readers could
// understand in two ways is refused.
//
// Source: RFC 9112, sections 4 to 6; RFC 9110, section 5.
class ResponseHeadReader {
 public:
  enum class Outcome : uint8_t { kIncomplete, kComplete, kRefused };

  static constexpr size_t kMaxHeadBytes = 48 * 1024;
  static constexpr size_t kMaxFields = 256;

  // Looks at `buffer`, which begins with the head; with more bytes behind the
  // same ones when it was incomplete before. `to_head`: the request was a HEAD,
  // so that no body follows. kComplete fills `head` (fields without the
  // hop-by-hop ones and without framing; `body_size` of what was announced) and
  // `framing`; the head is then `head_size()` bytes long.
  Outcome Read(std::string_view buffer, bool to_head, ResponseHead& head,
               ResponseFraming& framing);

  size_t head_size() const { return head_size_; }
  // Of kRefused; lives as long as the program.
  std::string_view what() const { return what_; }
  // Ready for another head.
  void Reset() { *this = ResponseHeadReader(); }

 private:
  bool FindEnd(std::string_view buffer);
  Outcome Refuse(std::string_view what);

  size_t searched_ = 0;  // bytes in which the end is not
  size_t head_size_ = 0;
  std::string_view what_;
};

}  // namespace caravel::net
