// The half of ClientConnection that reads: bytes of the socket become calls on
// the asker. Each Take…() looks at what was received and says what it lacks;
// PumpInput() gets it.
#include <limits>

#include "net/client_connection.h"

namespace caravel::net {
namespace {

// Rounds of reading before others get their turn.
constexpr int kMaxReadsPerPump = 16;
// Heads of status 1xx in front of the answer.
constexpr int kMaxInterimHeads = 16;

}  // namespace

bool ClientConnection::PumpInput() {
  for (int reads = 0; reads < kMaxReadsPerPump;) {
    const Step step = TakeInput();
    if (step == Step::kOver) return false;
    if (step == Step::kAgain) continue;
    if (step == Step::kNeedsCredit) {
      needs_credit_ = true;
      return true;
    }
    ++reads;
    const Result<size_t> got = stream_.Receive();
    if (!got) {
      Abort(got.error());
      return false;
    }
    if (*got == 0 && !stream_.at_end()) return true;
    last_progress_ = loop_.Now();
    response_begun_ |= *got > 0;
  }
  PumpSoon();
  return true;
}

ClientConnection::Step ClientConnection::TakeInput() {
  if (stream_.input_size() == 0) {
    return stream_.at_end() ? TakeEnd() : Step::kNeedsInput;
  }
  return phase_ == Phase::kHead ? TakeHead() : TakeBody();
}

ClientConnection::Step ClientConnection::TakeHead() {
  ResponseHead head;
  const ResponseHeadReader::Outcome outcome =
      head_reader_.Read(stream_.input_view(), to_head_, head, framing_);
  if (outcome == ResponseHeadReader::Outcome::kIncomplete) {
    return stream_.at_end() ? TakeEnd() : Step::kNeedsInput;
  }
  if (outcome == ResponseHeadReader::Outcome::kRefused) {
    Abort(Error(ErrorCode::kUnavailable,
                fmt::format("the server's answer is not valid: {}",
                            head_reader_.what())));
    return Step::kOver;
  }
  stream_.Consume(head_reader_.head_size());
  if (head.status < 200) {
    head_reader_.Reset();
    constexpr uint16_t kSwitchingProtocols = 101;
    if (head.status == kSwitchingProtocols && asks_upgrade_ &&
        framing_.to_websocket) {
      return BeginUpgrade(head);
    }
    if (head.status != kSwitchingProtocols &&
        ++interim_heads_ <= kMaxInterimHeads) {
      return Step::kAgain;
    }
    Abort(Error(ErrorCode::kUnavailable,
                head.status == kSwitchingProtocols
                    ? "the server switched to a protocol that it was not "
                      "asked for"
                    : "the server sends interim answers without end"));
    return Step::kOver;
  }
  phase_ = Phase::kBody;
  body_left_ = framing_.length;
  const bool is_whole = framing_.kind == ResponseFraming::Kind::kNone ||
                        (framing_.kind == ResponseFraming::Kind::kLength &&
                         framing_.length <= stream_.input_size());
  if (!is_whole) {
    asker_->RespondStart(head);
    return Step::kAgain;
  }
  const auto size = static_cast<size_t>(framing_.length);
  std::exchange(asker_, nullptr)
      ->Respond(head, stream_.input_view().substr(0, size));
  stream_.Consume(size);
  Retire();
  return Step::kOver;
}

ClientConnection::Step ClientConnection::BeginUpgrade(ResponseHead& head) {
  phase_ = Phase::kBody;
  framing_.kind = ResponseFraming::Kind::kUntilClose;
  framing_.keep_alive = false;
  request_done_ = false;
  request_chunked_ = false;
  request_left_ = std::numeric_limits<uint64_t>::max();
  head.body_size = -1;
  asker_->RespondStart(head);
  return Step::kAgain;
}

ClientConnection::Step ClientConnection::TakeBody() {
  const auto credit = static_cast<size_t>(
      std::min<uint64_t>(credit_, ClientStream::kInputBytes));
  if (framing_.kind == ResponseFraming::Kind::kUntilClose) {
    return Deliver(std::min(stream_.input_size(), credit));
  }
  if (framing_.kind == ResponseFraming::Kind::kLength) {
    const size_t size = std::min(stream_.input_size(), credit);
    const Step step =
        Deliver(static_cast<size_t>(std::min<uint64_t>(size, body_left_)));
    if (body_left_ > 0) return step;
    FinishBody();
    return Step::kOver;
  }
  const ChunkedDecoder::Step decoded =
      chunked_.Decode(stream_.input(), stream_.input_size(), credit);
  if (!decoded.body.empty()) {
    credit_ -= decoded.body.size();
    asker_->RespondBody(decoded.body);
  }
  stream_.Consume(decoded.consumed);
  switch (decoded.outcome) {
    case ChunkedDecoder::Outcome::kDone:
      FinishBody();
      return Step::kOver;
    case ChunkedDecoder::Outcome::kRefused:
      Abort(Error(ErrorCode::kUnavailable,
                  fmt::format("the server's answer is not valid: {}",
                              chunked_.what())));
      return Step::kOver;
    case ChunkedDecoder::Outcome::kMore:
      break;
  }
  // Left over is only what there is no credit for.
  return stream_.input_size() == 0 ? Step::kAgain : Step::kNeedsCredit;
}

// Hands `size` bytes of the input on; 0 when there is no credit.
ClientConnection::Step ClientConnection::Deliver(size_t size) {
  if (size == 0) return Step::kNeedsCredit;
  credit_ -= size;
  body_left_ -= std::min<uint64_t>(size, body_left_);
  asker_->RespondBody(stream_.input_view().substr(0, size));
  stream_.Consume(size);
  return Step::kAgain;
}

// The server closed, and all that it sent is dealt with.
ClientConnection::Step ClientConnection::TakeEnd() {
  if (phase_ == Phase::kBody &&
      framing_.kind == ResponseFraming::Kind::kUntilClose &&
      stream_.ended_cleanly()) {
    FinishBody();
    return Step::kOver;
  }
  std::string_view where = "in the middle of its answer";
  if (!stream_.ready()) {
    where = "during the TLS handshake";
  } else if (!response_begun_) {
    where = "before it answered";
  }
  Abort(Error(ErrorCode::kUnavailable,
              fmt::format("the server closed the connection {}", where)));
  return Step::kOver;
}

void ClientConnection::FinishBody() {
  std::exchange(asker_, nullptr)->RespondEnd();
  Retire();
}

}  // namespace caravel::net
