// Tests: websocket_frame_test.cc.
#include "net/websocket_frame.h"

#include <bit>
#include <cstring>

namespace caravel::net {
namespace {

constexpr uint8_t kFin = 0x80;
constexpr uint8_t kRsv1 = 0x40;
constexpr uint8_t kOtherRsv = 0x30;
constexpr uint8_t kOpcodeBits = 0x0F;
constexpr uint8_t kMasked = 0x80;
constexpr uint8_t kSizeBits = 0x7F;
constexpr uint8_t kSize16 = 126;
constexpr uint8_t kSize64 = 127;

bool IsOpcode(uint8_t opcode) {
  return opcode <= 2 || (opcode >= 8 && opcode <= 10);
}

}  // namespace

bool IsWebSocketCloseCode(uint16_t code) {
  if (code >= 3000 && code <= 4999) return true;
  return code >= 1000 && code <= 1014 && code != 1004 &&
         code != kWebSocketNoCode && code != kWebSocketAbnormal;
}

WebSocketHeadRead ReadWebSocketHead(std::string_view bytes,
                                    WebSocketFrameHead& head) {
  using Outcome = WebSocketHeadRead::Outcome;
  const auto refuse = [](std::string_view what) {
    return WebSocketHeadRead{Outcome::kRefused, 0, what};
  };
  const auto at = [bytes](size_t i) { return static_cast<uint8_t>(bytes[i]); };
  if (bytes.empty()) return {};
  // What the first byte says is judged at once: nothing else need come.
  const auto opcode = static_cast<uint8_t>(at(0) & kOpcodeBits);
  if ((at(0) & kOtherRsv) != 0) return refuse("a reserved bit is set");
  if (!IsOpcode(opcode)) return refuse("the opcode is reserved");
  head.opcode = static_cast<WebSocketOpcode>(opcode);
  head.fin = (at(0) & kFin) != 0;
  head.compressed = (at(0) & kRsv1) != 0;
  if (bytes.size() < 2) return {};
  head.masked = (at(1) & kMasked) != 0;
  const auto short_size = static_cast<uint8_t>(at(1) & kSizeBits);
  size_t used = 2;
  head.size = short_size;
  if (short_size >= kSize16) {
    const size_t size_bytes = short_size == kSize16 ? 2 : 8;
    if (bytes.size() < used + size_bytes) return {};
    head.size = 0;
    for (size_t i = 0; i < size_bytes; ++i) {
      head.size = head.size << 8 | at(used + i);
    }
    used += size_bytes;
    if (head.size >> 63 != 0) return refuse("the length is above 2^63");
    if (head.size < (short_size == kSize16 ? kSize16 : 0x1'0000U)) {
      return refuse("the length is written with more bytes than it needs");
    }
  }
  if (head.masked) {
    if (bytes.size() < used + head.mask.size()) return {};
    std::memcpy(head.mask.data(), bytes.data() + used, head.mask.size());
    used += head.mask.size();
  }
  return {Outcome::kComplete, used, {}};
}

void WriteWebSocketHead(const WebSocketFrameHead& head, std::string& out) {
  const auto put = [&out](unsigned byte) {
    out.push_back(static_cast<char>(byte));
  };
  put((head.fin ? kFin : 0U) | (head.compressed ? kRsv1 : 0U) |
      static_cast<unsigned>(head.opcode));
  const unsigned masked = head.masked ? kMasked : 0U;
  if (head.size < kSize16) {
    put(masked | static_cast<unsigned>(head.size));
  } else {
    const bool is_short = head.size <= 0xFFFF;
    put(masked | (is_short ? kSize16 : kSize64));
    for (int shift = is_short ? 8 : 56; shift >= 0; shift -= 8) {
      put(static_cast<unsigned>(head.size >> shift) & 0xFFU);
    }
  }
  if (head.masked) {
    out.append(reinterpret_cast<const char*>(head.mask.data()),
               head.mask.size());
  }
}

void MaskWebSocket(const WebSocketMask& mask, uint64_t offset, char* data,
                   size_t size) {
  std::array<char, 8> pattern;
  for (size_t i = 0; i < pattern.size(); ++i) {
    pattern[i] = static_cast<char>(mask[(offset + i) & 3]);
  }
  const auto wide = std::bit_cast<uint64_t>(pattern);
  size_t i = 0;
  for (; size - i >= sizeof wide; i += sizeof wide) {
    uint64_t eight = 0;
    std::memcpy(&eight, data + i, sizeof eight);
    eight ^= wide;
    std::memcpy(data + i, &eight, sizeof eight);
  }
  for (; i < size; ++i) data[i] = static_cast<char>(data[i] ^ pattern[i & 7]);
}

}  // namespace caravel::net
