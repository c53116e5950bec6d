#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct z_stream_s;

// permessage-deflate (RFC 7692, section 7). Uses only what both Debian's zlib
// (in caraveld) and Node's (in a host) have.
namespace caravel::net {

// What was agreed on. The bits are those of LZ77 windows.
struct WebSocketDeflateParameters {
  bool server_no_context_takeover = false;
  bool client_no_context_takeover = false;
  uint8_t server_max_window_bits = 15;
  uint8_t client_max_window_bits = 15;
};

// Compresses messages, one after the other. A resource, which holds the memory
// of its window.
class WebSocketDeflater {
 public:
  // 9 <= window_bits <= 15. `takeover`: a message may refer to the ones before.
  WebSocketDeflater(uint8_t window_bits, bool takeover);
  ~WebSocketDeflater();
  WebSocketDeflater(const WebSocketDeflater&) = delete;
  WebSocketDeflater& operator=(const WebSocketDeflater&) = delete;

  // Appends the payload of the message to `out` (7.2.1). False where memory
  // cannot be had: nothing may be compressed with it any more.
  [[nodiscard]] bool Run(std::string_view message, std::string& out);

  static size_t MemoryBytes(uint8_t window_bits);

 private:
  std::unique_ptr<z_stream_s> stream_;
  const bool takeover_;
  bool works_ = false;
};

class WebSocketInflater {
 public:
  enum class Outcome : uint8_t { kOk, kDamaged, kTooBig };

  // Has the largest window, whatever was agreed on: zlib lets a reference
  // beyond the window pass where what it refers to came with the same piece.
  explicit WebSocketInflater(bool takeover);
  ~WebSocketInflater();
  WebSocketInflater(const WebSocketInflater&) = delete;
  WebSocketInflater& operator=(const WebSocketInflater&) = delete;

  // Appends what more bytes of a payload say to `out`, which may grow to
  // `most` bytes (7.2.2).
  Outcome Take(std::string_view payload, size_t most, std::string& out);
  // The payload is over.
  Outcome End(size_t most, std::string& out);

  static size_t MemoryBytes();

 private:
  std::unique_ptr<z_stream_s> stream_;
  const bool takeover_;
  bool works_ = false;
  bool ended_ = false;  // by a block that says that it is the last
};

}  // namespace caravel::net
