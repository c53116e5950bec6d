#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// The frames of a WebSocket (RFC 6455, section 5).
namespace caravel::net {

enum class WebSocketRole : uint8_t { kClient, kServer };

enum class WebSocketOpcode : uint8_t {
  kContinuation = 0,
  kText = 1,
  kBinary = 2,
  kClose = 8,
  kPing = 9,
  kPong = 10,
};

// Why a WebSocket was closed (section 7.4.1).
enum WebSocketCloseCode : uint16_t {
  kWebSocketNormal = 1000,
  kWebSocketGoingAway = 1001,
  kWebSocketProtocolError = 1002,
  kWebSocketNoCode = 1005,    // never sent: the frame had none
  kWebSocketAbnormal = 1006,  // never sent: no frame came
  kWebSocketInvalidData = 1007,
  kWebSocketMessageTooBig = 1009,
  kWebSocketTryAgainLater = 1013,
};
// Whether a Close frame may carry `code`.
bool IsWebSocketCloseCode(uint16_t code);

using WebSocketMask = std::array<uint8_t, 4>;

struct WebSocketFrameHead {
  WebSocketOpcode opcode = WebSocketOpcode::kContinuation;
  bool fin = true;
  bool compressed = false;  // RSV1, which permessage-deflate uses
  bool masked = false;
  WebSocketMask mask = {};
  uint64_t size = 0;  // of the payload
};

constexpr size_t kMostWebSocketHeadBytes = 14;
constexpr size_t kMostControlPayload = 125;

// Reads a head from the front of `bytes`.
struct WebSocketHeadRead {
  enum class Outcome : uint8_t { kComplete, kIncomplete, kRefused };
  Outcome outcome = Outcome::kIncomplete;
  size_t size = 0;        // of the head, when complete
  std::string_view what;  // is wrong, when refused
};
WebSocketHeadRead ReadWebSocketHead(std::string_view bytes,
                                    WebSocketFrameHead& head);

// Appends a head to `out`.
void WriteWebSocketHead(const WebSocketFrameHead& head, std::string& out);

// Masks `size` bytes of a payload in place, or unmasks them (5.3). `offset` is
// their place in the payload.
void MaskWebSocket(const WebSocketMask& mask, uint64_t offset, char* data,
                   size_t size);

}  // namespace caravel::net
