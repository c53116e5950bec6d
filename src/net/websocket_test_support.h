#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "net/websocket_frame.h"
#include "net/websocket_session.h"

// Frames as a peer writes them, right or wrong, and what a session makes of
// them.
namespace caravel::net {

struct TestFrame {
  int first = 0x81;  // FIN, reserved bits and opcode
  std::string payload;
  bool masked = true;
};

inline std::string Write(const TestFrame& frame) {
  WebSocketFrameHead head;
  head.size = frame.payload.size();
  head.masked = frame.masked;
  head.mask = {0x37, 0xFA, 0x21, 0x3D};
  std::string bytes;
  WriteWebSocketHead(head, bytes);
  bytes[0] = static_cast<char>(frame.first);
  const size_t begin = bytes.size();
  bytes += frame.payload;
  if (frame.masked) {
    MaskWebSocket(head.mask, 0, bytes.data() + begin, frame.payload.size());
  }
  return bytes;
}

inline std::string Write(const std::vector<TestFrame>& frames) {
  std::string bytes;
  for (const TestFrame& frame : frames) bytes += Write(frame);
  return bytes;
}

// "text:hello", "binary:…", "close:1000:bye", "failed:1002:why".
inline std::string ToText(const WebSocketEvent& event) {
  using Kind = WebSocketEvent::Kind;
  if (event.kind == Kind::kText) return "text:" + event.bytes;
  if (event.kind == Kind::kBinary) return "binary:" + event.bytes;
  return (event.kind == Kind::kClose ? "close:" : "failed:") +
         std::to_string(event.code) + ":" + event.bytes;
}

inline std::vector<std::string> Receive(WebSocketSession& session,
                                        std::string_view bytes) {
  std::vector<WebSocketEvent> events;
  session.Receive(bytes, events);
  std::vector<std::string> texts;
  for (const WebSocketEvent& event : events) texts.push_back(ToText(event));
  return texts;
}

// The same, a byte at a time.
inline std::vector<std::string> ReceiveInPieces(WebSocketSession& session,
                                                std::string_view bytes) {
  std::vector<std::string> texts;
  for (size_t i = 0; i < bytes.size(); ++i) {
    for (std::string& text : Receive(session, bytes.substr(i, 1))) {
      texts.push_back(std::move(text));
    }
  }
  return texts;
}

inline std::string TakeOutput(WebSocketSession& session) {
  std::string bytes;
  while (session.HasOutput()) bytes += std::exchange(session.Output(), {});
  return bytes;
}

}  // namespace caravel::net
