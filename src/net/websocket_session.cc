// Payload is unmasked where it lies in the message, or piece by piece on its
// way into the inflater, so that no frame is held whole beside its message.
//
// Tests: websocket_session_test.cc, websocket_deflate_test.cc,
// tests/fuzz/websocket_fuzz.cc, tests/websocket.
#include "net/websocket_session.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "base/random.h"

namespace caravel::net {
namespace {

// A shorter message gains nothing that is worth the work.
constexpr size_t kCompressAbove = 128;
// A peer that sends pings and reads nothing gets the latest pong only (RFC
// 6455, 5.5.3).
constexpr size_t kMostForPongs = 64 * 1024;
constexpr size_t kUnmaskPiece = 4096;
// What is compressed with: less than the peer allows costs a little of size,
// and saves most of the memory that a WebSocket holds.
constexpr uint8_t kOwnWindowBits = 12;

bool IsControl(WebSocketOpcode opcode) {
  return opcode >= WebSocketOpcode::kClose;
}

// Assignment would keep the memory.
void Free(std::string& bytes) {
  bytes.clear();
  bytes.shrink_to_fit();
}

// The longest front of `text` within `most` bytes that cuts no character.
std::string_view CutAtCharacter(std::string_view text, size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<uint8_t>(text[most]) & 0xC0) == 0x80) --most;
  return text.substr(0, most);
}

}  // namespace

WebSocketSession::WebSocketSession(
    WebSocketRole role, std::optional<WebSocketDeflateParameters> deflate,
    size_t max_message)
    : role_(role),
      deflate_(deflate),
      max_message_(max_message),
      deflates_(deflate.has_value()) {}

uint8_t WebSocketSession::OwnWindowBits() const {
  return std::min(kOwnWindowBits, role_ == WebSocketRole::kServer
                                      ? deflate_->server_max_window_bits
                                      : deflate_->client_max_window_bits);
}

bool WebSocketSession::OwnTakeover() const {
  return role_ == WebSocketRole::kServer
             ? !deflate_->server_no_context_takeover
             : !deflate_->client_no_context_takeover;
}

void WebSocketSession::Fail(uint16_t code, std::string_view why,
                            Events& events) {
  events.push_back({WebSocketEvent::Kind::kFailed, std::string(why), code});
  Close(code, why);
  failed_ = true;
  in_message_ = false;
  Free(head_bytes_);
  Free(message_);
  Free(control_);
  inflater_.reset();
}

size_t WebSocketSession::Receive(std::string_view bytes, Events& events,
                                 size_t enough, size_t room) {
  using Outcome = WebSocketHeadRead::Outcome;
  const size_t all = bytes.size();
  yielded_ = 0;
  room_ = room;
  while (!bytes.empty() && !Ended()) {
    if (yielded_ >= enough) return all - bytes.size();
    if (in_payload_) {
      const size_t size = std::min<uint64_t>(bytes.size(), head_.size - taken_);
      TakePayload(bytes.substr(0, size), events);
      bytes.remove_prefix(size);
      continue;
    }
    // A head that is not whole waits; what is behind it in `bytes` does not.
    const size_t held = head_bytes_.size();
    std::string_view seen = bytes;
    if (held > 0) {
      head_bytes_ += bytes.substr(0, kMostWebSocketHeadBytes - held);
      seen = head_bytes_;
    }
    const WebSocketHeadRead read = ReadWebSocketHead(seen, head_);
    if (read.outcome == Outcome::kRefused) {
      Fail(kWebSocketProtocolError, read.what, events);
      break;
    }
    if (read.outcome == Outcome::kIncomplete) {
      if (held == 0) head_bytes_ = bytes;
      break;
    }
    bytes.remove_prefix(read.size - held);
    head_bytes_.clear();
    BeginFrame(events);
  }
  return all;
}

void WebSocketSession::DropMessages() {
  drops_messages_ = true;
  Free(message_);
  inflater_.reset();
}

std::string_view WebSocketSession::Judge() const {
  if (head_.masked != (role_ == WebSocketRole::kServer) &&
      (head_.masked || !takes_unmasked_)) {
    return head_.masked ? "a frame from a server is masked"
                        : "a frame from a client is not masked";
  }
  if (IsControl(head_.opcode)) {
    if (head_.compressed) return "a reserved bit is set";
    if (!head_.fin) return "a control frame is fragmented";
    if (head_.size > kMostControlPayload) return "a control frame is too long";
    return {};
  }
  if (head_.opcode == WebSocketOpcode::kContinuation) {
    if (!in_message_) return "there is no message to continue";
    if (head_.compressed) return "a reserved bit is set";
    return {};
  }
  if (in_message_) return "a message begins within another";
  if (head_.compressed && !deflate_) return "a reserved bit is set";
  return {};
}

void WebSocketSession::BeginFrame(Events& events) {
  const std::string_view wrong = Judge();
  if (!wrong.empty()) return Fail(kWebSocketProtocolError, wrong, events);
  if (!IsControl(head_.opcode)) {
    if (head_.opcode != WebSocketOpcode::kContinuation) {
      in_message_ = true;
      ++messages_begun_;
      text_ = head_.opcode == WebSocketOpcode::kText;
      compressed_ = head_.compressed;
      utf8_.Reset();
    }
    if (!compressed_ && !drops_messages_ &&
        head_.size > max_message_ - message_.size()) {
      return Fail(kWebSocketMessageTooBig, "the message is too big", events);
    }
  }
  taken_ = 0;
  in_payload_ = head_.size > 0;
  if (!in_payload_) EndFrame(events);
}

void WebSocketSession::TakePayload(std::string_view bytes, Events& events) {
  if (IsControl(head_.opcode)) {
    const size_t begin = control_.size();
    control_ += bytes;
    if (head_.masked) {
      MaskWebSocket(head_.mask, taken_, control_.data() + begin, bytes.size());
    }
    taken_ += bytes.size();
  } else if (!TakeData(bytes, events)) {
    return;
  }
  if (taken_ < head_.size) return;
  in_payload_ = false;
  EndFrame(events);
}

// Bytes of a message; false once the peer has failed.
bool WebSocketSession::TakeData(std::string_view bytes, Events& events) {
  if (drops_messages_) {
    taken_ += bytes.size();
    return true;
  }
  if (!compressed_) {
    const size_t begin = message_.size();
    message_ += bytes;
    if (head_.masked) {
      MaskWebSocket(head_.mask, taken_, message_.data() + begin, bytes.size());
    }
    taken_ += bytes.size();
    return Accept(begin, WebSocketInflater::Outcome::kOk, events);
  }
  if (inflater_ == nullptr) {
    const bool from_client = role_ == WebSocketRole::kServer;
    inflater_ = std::make_unique<WebSocketInflater>(
        !(from_client ? deflate_->client_no_context_takeover
                      : deflate_->server_no_context_takeover));
  }
  while (!bytes.empty()) {
    std::array<char, kUnmaskPiece> piece;
    const size_t size = std::min(bytes.size(), piece.size());
    std::copy_n(bytes.data(), size, piece.data());
    if (head_.masked) MaskWebSocket(head_.mask, taken_, piece.data(), size);
    taken_ += size;
    bytes.remove_prefix(size);
    const size_t begin = message_.size();
    const auto outcome =
        inflater_->Take({piece.data(), size}, MostInflated(), message_);
    if (!Accept(begin, outcome, events)) return false;
  }
  return true;
}

size_t WebSocketSession::MostInflated() const {
  return message_.size() + std::min(room_, max_message_ - message_.size());
}

// Judges what a message gained, from `begin` on, and how that went.
bool WebSocketSession::Accept(size_t begin, WebSocketInflater::Outcome outcome,
                              Events& events) {
  if (compressed_) room_ -= message_.size() - begin;
  if (text_ && !utf8_.Take(std::string_view(message_).substr(begin))) {
    Fail(kWebSocketInvalidData, "a text is not UTF-8", events);
    return false;
  }
  switch (outcome) {
    case WebSocketInflater::Outcome::kOk:
      return true;
    case WebSocketInflater::Outcome::kDamaged:
      Fail(kWebSocketInvalidData, "compressed data is damaged", events);
      return false;
    case WebSocketInflater::Outcome::kTooBig:
      if (message_.size() < max_message_) {
        Fail(kWebSocketTryAgainLater, "more arrived than there is room for",
             events);
        return false;
      }
      Fail(kWebSocketMessageTooBig, "the message is too big", events);
      return false;
  }
  return false;
}

void WebSocketSession::EndFrame(Events& events) {
  switch (head_.opcode) {
    case WebSocketOpcode::kClose:
      return TakeClose(events);
    case WebSocketOpcode::kPing:
      Pong();
      break;
    case WebSocketOpcode::kPong:
      break;
    case WebSocketOpcode::kContinuation:
    case WebSocketOpcode::kText:
    case WebSocketOpcode::kBinary:
      if (head_.fin) EndMessage(events);
      return;
  }
  control_.clear();
}

void WebSocketSession::EndMessage(Events& events) {
  if (drops_messages_) {
    in_message_ = false;
    return;
  }
  if (compressed_) {
    const size_t begin = message_.size();
    // A message of empty frames has no inflater yet, and is damaged: an empty
    // one has a byte (RFC 7692, 7.2.3.6).
    const auto outcome = inflater_ == nullptr
                             ? WebSocketInflater::Outcome::kDamaged
                             : inflater_->End(MostInflated(), message_);
    if (!Accept(begin, outcome, events)) return;
  }
  if (text_ && !utf8_.AtBoundary()) {
    return Fail(kWebSocketInvalidData, "a text is not UTF-8", events);
  }
  in_message_ = false;
  yielded_ += message_.size();
  events.push_back(
      {text_ ? WebSocketEvent::Kind::kText : WebSocketEvent::Kind::kBinary,
       std::exchange(message_, {}), 0});
}

void WebSocketSession::TakeClose(Events& events) {
  in_message_ = false;
  uint16_t code = kWebSocketNoCode;
  std::string_view reason;
  if (control_.size() == 1) {
    return Fail(kWebSocketProtocolError, "a Close frame has half a code",
                events);
  }
  if (control_.size() >= 2) {
    code = static_cast<uint16_t>(static_cast<uint8_t>(control_[0]) << 8 |
                                 static_cast<uint8_t>(control_[1]));
    reason = std::string_view(control_).substr(2);
    if (!IsWebSocketCloseCode(code)) {
      return Fail(kWebSocketProtocolError, "a Close frame has a wrong code",
                  events);
    }
    if (!IsUtf8(reason)) {
      return Fail(kWebSocketInvalidData, "the reason of a Close is not UTF-8",
                  events);
    }
  }
  close_received_ = true;
  Free(message_);
  inflater_.reset();
  events.push_back({WebSocketEvent::Kind::kClose, std::string(reason), code});
}

void WebSocketSession::Pong() {
  if (close_sent_) return;
  if (output_.size() < kMostForPongs) {
    WriteFrame(WebSocketOpcode::kPong, false, control_);
  } else {
    pong_ = control_;
  }
}

std::string& WebSocketSession::Output() {
  if (output_.empty() && pong_.has_value()) {
    const std::string payload = *std::exchange(pong_, std::nullopt);
    if (!close_sent_) WriteFrame(WebSocketOpcode::kPong, false, payload);
  }
  return output_;
}

void WebSocketSession::Send(bool text, std::string_view message) {
  if (close_sent_ || failed_) return;
  const auto opcode = text ? WebSocketOpcode::kText : WebSocketOpcode::kBinary;
  if (deflates_ && message.size() > kCompressAbove) {
    if (deflater_ == nullptr) {
      deflater_ =
          std::make_unique<WebSocketDeflater>(OwnWindowBits(), OwnTakeover());
    }
    std::string payload;
    if (deflater_->Run(message, payload)) {
      return WriteFrame(opcode, true, payload);
    }
    deflates_ = false;
  }
  WriteFrame(opcode, false, message);
}

void WebSocketSession::Close(std::optional<uint16_t> code,
                             std::string_view reason) {
  if (close_sent_ || failed_) return;
  std::string payload;
  if (code.has_value()) {
    payload.push_back(static_cast<char>(*code >> 8));
    payload.push_back(static_cast<char>(*code & 0xFF));
    payload += CutAtCharacter(reason, kMostControlPayload - payload.size());
  }
  WriteFrame(WebSocketOpcode::kClose, false, payload);
  close_sent_ = true;
  deflater_.reset();
}

void WebSocketSession::WriteFrame(WebSocketOpcode opcode, bool compressed,
                                  std::string_view payload) {
  WebSocketFrameHead head;
  head.opcode = opcode;
  head.compressed = compressed;
  head.size = payload.size();
  head.masked = role_ == WebSocketRole::kClient;
  if (head.masked) base::FillRandom(head.mask.data(), head.mask.size());
  WriteWebSocketHead(head, output_);
  const size_t begin = output_.size();
  output_ += payload;
  if (head.masked) {
    MaskWebSocket(head.mask, 0, output_.data() + begin, payload.size());
  }
}

size_t WebSocketSession::memory_bytes() const {
  size_t bytes = message_.capacity();
  if (deflater_ != nullptr) {
    bytes += WebSocketDeflater::MemoryBytes(OwnWindowBits());
  }
  if (inflater_ != nullptr) bytes += WebSocketInflater::MemoryBytes();
  return bytes;
}

}  // namespace caravel::net
