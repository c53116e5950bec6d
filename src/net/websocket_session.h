#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/utf8_check.h"
#include "net/websocket_deflate.h"
#include "net/websocket_frame.h"

namespace caravel::net {

// What came from the peer.
struct WebSocketEvent {
  enum class Kind : uint8_t {
    kText,
    kBinary,
    kClose,   // the peer's Close frame; nothing comes behind it
    kFailed,  // the peer broke a rule; nothing comes behind it
  };
  Kind kind = Kind::kText;
  std::string bytes;  // the message; the reason of a Close frame or a failure
  uint16_t code = 0;  // of a Close frame (kWebSocketNoCode: it had none), or
                      // the one that the peer is told of a failure
};

// One end of a WebSocket (RFC 6455), with permessage-deflate (RFC 7692), as a
// state machine over bytes: it touches no socket. Pings are answered here. A
// Close frame is not: its receiver answers with Close() when it is ready to.
//
// Memory: one message of at most `max_message` bytes, what Output() holds, and
// the windows of compression.
//
// Threads: one at a time.
class WebSocketSession {
 public:
  // What Workers receive at most.
  static constexpr size_t kMaxMessage = size_t{32} * 1024 * 1024;

  WebSocketSession(WebSocketRole role,
                   std::optional<WebSocketDeflateParameters> deflate,
                   size_t max_message = kMaxMessage);

  // Takes bytes as they came; what they complete is appended to `events`. Stops
  // behind a message once those of this call have `enough` bytes. A peer whose
  // compressed data makes more than `room` bytes in this call has failed: a
  // byte of it may make a thousand. Returns how many bytes were taken.
  size_t Receive(std::string_view bytes, std::vector<WebSocketEvent>& events,
                 size_t enough = SIZE_MAX, size_t room = SIZE_MAX);
  // Frames of a client are taken without a mask too, against section 5.1: for
  // clients that are known to send such.
  void TakeUnmasked() { takes_unmasked_ = true; }
  // Nobody takes messages any more: they are passed over, and only the end of
  // the WebSocket is an event.
  void DropMessages();

  // A whole message; dropped once Close() was called or the peer has failed.
  // Requires: text is UTF-8.
  void Send(bool text, std::string_view message);
  // The last frame from this side. Without a code it carries nothing; a reason
  // is cut at a character to what a control frame holds.
  void Close(std::optional<uint16_t> code, std::string_view reason);

  // What is to go to the peer: the owner sends from its front and erases.
  std::string& Output();
  bool HasOutput() const { return !output_.empty() || pong_.has_value(); }

  // A message has begun and is not whole; and how many have begun.
  bool in_message() const { return in_message_; }
  uint64_t messages_begun() const { return messages_begun_; }
  bool close_sent() const { return close_sent_; }
  bool close_received() const { return close_received_; }
  // Nothing goes either way any more: the connection ends once Output() is
  // sent.
  bool over() const { return failed_ || (close_sent_ && close_received_); }

  // Held beside Output(); and of that, by a message that is not whole.
  size_t memory_bytes() const;
  size_t message_bytes() const { return message_.capacity(); }
  size_t output_bytes() const { return output_.capacity(); }
  // Of Output(), to be sent.
  size_t output_size() const { return output_.size(); }

 private:
  using Events = std::vector<WebSocketEvent>;

  void Fail(uint16_t code, std::string_view why, Events& events);
  // What is wrong with the frame that begins, or nothing.
  std::string_view Judge() const;
  void BeginFrame(Events& events);
  void TakePayload(std::string_view bytes, Events& events);
  bool TakeData(std::string_view bytes, Events& events);
  // How large the message may grow by what is inflated.
  size_t MostInflated() const;
  bool Accept(size_t begin, WebSocketInflater::Outcome outcome, Events& events);
  void EndFrame(Events& events);
  void EndMessage(Events& events);
  void TakeClose(Events& events);
  void Pong();
  void WriteFrame(WebSocketOpcode opcode, bool compressed,
                  std::string_view payload);
  uint8_t OwnWindowBits() const;
  bool OwnTakeover() const;
  bool Ended() const { return failed_ || close_received_; }

  const WebSocketRole role_;
  const std::optional<WebSocketDeflateParameters> deflate_;
  const size_t max_message_;
  bool takes_unmasked_ = false;

  // The frame that is being read.
  std::string head_bytes_;
  bool in_payload_ = false;
  WebSocketFrameHead head_;
  uint64_t taken_ = 0;   // of its payload
  std::string control_;  // the payload of a control frame

  // The message that is being read.
  bool in_message_ = false;
  uint64_t messages_begun_ = 0;
  bool text_ = false;
  bool compressed_ = false;
  std::string message_;
  Utf8Check utf8_;
  std::unique_ptr<WebSocketInflater> inflater_;
  bool drops_messages_ = false;
  size_t yielded_ = 0;  // bytes of the messages of this Receive()
  size_t room_ = 0;     // bytes that may still be inflated in it

  bool close_received_ = false;
  bool close_sent_ = false;
  bool failed_ = false;
  std::unique_ptr<WebSocketDeflater> deflater_;
  bool deflates_ = false;
  std::string output_;
  std::optional<std::string> pong_;  // the latest that did not fit
};

}  // namespace caravel::net
