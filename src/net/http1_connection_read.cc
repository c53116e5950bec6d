// From the socket to the answerer. Bytes are read into the buffer that all
// connections share and dealt with there; only what must wait (a head that is
// not whole, a body that nobody has asked for, a request behind one that is
// being answered) is copied into the connection's own, raw as it came.
#include <sys/socket.h>

#include <cerrno>
#include <limits>

#include "base/check.h"
#include "net/http1_connection.h"
#include "net/socket_calls.h"

namespace caravel::net {
namespace {

// What is read and dropped of a body that the answerer did not want, to keep
// the connection. More costs more than a new one.
constexpr uint64_t kMostDiscarded = 256 * 1024;
// Input that has been dealt with is cut off when it is this long.
constexpr size_t kCompactAbove = 16 * 1024;

}  // namespace

bool Http1Connection::IsBodyWorthReading() const {
  return !framing_.expects_continue &&
         (framing_.chunked ||
          framing_.length - body_.received <= kMostDiscarded);
}

void Http1Connection::Receive() {
  const size_t limit = ReadLimit();
  if (buffered() >= limit) return;
  char* buffer = context_.receive_buffer.get();
  const size_t room = std::min(limit - buffered(), Http1Context::kReceiveBytes);
  const ssize_t received = net::Receive(socket_.get(), buffer, room, 0);
  if (received < 0) {
    if (errno == EAGAIN) return;
    if (errno == EINTR) return ReceiveAgain();
    return Cut(ErrnoError("read from the client", errno));
  }
  if (received == 0) return EndOfInput();
  const auto size = static_cast<size_t>(received);
  if (size == room) ReceiveAgain();
  context_.counters.bytes_received += size;
  if (state_ == State::kExchange && !body_.done) {
    read_deadline_ = context_.loop.Now() + context_.options.body_timeout;
  }
  if (buffered() > 0) {
    input_.append(buffer, size);
    return ConsumeInput();
  }
  const size_t used = Consume(buffer, size);
  if (used == size || !open()) return;
  input_.clear();
  context_.ProvideBuffer(input_);
  input_.assign(buffer + used, size - used);
  input_begin_ = 0;
}

// More may lie in the socket: the next round looks, after the others' turn.
void Http1Connection::ReceiveAgain() {
  context_.loop.Change(socket_.get(), interest_);
}

void Http1Connection::EndOfInput() {
  // A client that ends its side in the middle of an exchange has gone: most
  // that do so have closed both, and the network does not tell.
  if (IsUpgraded() && buffered() > 0) {
    input_closed_ = true;  // what it said before is still to be taken
    return;
  }
  if (state_ == State::kExchange) {
    return Cut(
        Error(ErrorCode::kUnavailable, "the client closed the connection"));
  }
  if (!HasUnsent()) return Close();
  input_closed_ = true;
  state_ = State::kFlush;
}

void Http1Connection::ConsumeInput() {
  if (buffered() == 0) return;
  input_begin_ += Consume(input_.data() + input_begin_, buffered());
  if (!open()) return;
  if (buffered() == 0) {
    context_.ReturnBuffer(input_);
    input_begin_ = 0;
  } else if (input_begin_ > kCompactAbove) {
    input_.erase(0, input_begin_);
    input_begin_ = 0;
  }
}

// How much of `data` could be dealt with now.
size_t Http1Connection::Consume(char* data, size_t size) {
  size_t used = 0;
  while (true) {
    const State state = state_;
    const size_t before = used;
    switch (state_) {
      case State::kIdle:
      case State::kHead:
        used += TakeHead(std::string_view(data + used, size - used));
        break;
      case State::kExchange:
      case State::kDiscard:
        used += TakeBody(data + used, size - used);
        break;
      case State::kClosed:
      case State::kFlush:
      case State::kLinger:
        return size;
    }
    if (used == before && state_ == state) return used;
  }
}

size_t Http1Connection::TakeHead(std::string_view data) {
  using Outcome = Http1HeadParser::Outcome;
  // Nothing can be written behind a file before it has gone out.
  if (data.empty() || file_.size > 0 ||
      unsent() >= context_.options.response_window) {
    return 0;
  }
  Http1HeadParser& parser = context_.parser;
  switch (parser.Parse(data, head_progress_)) {
    case Outcome::kIncomplete:
      if (state_ == State::kIdle) {
        state_ = State::kHead;
        read_deadline_ = context_.loop.Now() + context_.options.head_timeout;
      }
      return 0;
    case Outcome::kRefused:
      RefuseRequest(parser.refusal());
      return data.size();
    case Outcome::kComplete:
      break;
  }
  const size_t head_size = parser.head_size();
  if (auto refusal = ReadHttp1Request(parser, context_.head, framing_)) {
    RefuseRequest(*refusal);
  } else if (!framing_.chunked &&
             framing_.length > context_.options.max_body_bytes) {
    RefuseRequest({413, "the body of the request is too large"});
  } else {
    StartExchange();
  }
  return head_size;
}

// The rest of a body that the answerer did not want.
void Http1Connection::StartDiscard() {
  state_ = State::kDiscard;
  discard_left_ = kMostDiscarded;
  read_deadline_ = context_.loop.Now() + context_.options.body_timeout;
}

void Http1Connection::RefuseRequest(const Http1Refusal& refusal) {
  FailRequest(refusal.status,
              Error(ErrorCode::kInvalid, std::string(refusal.what)));
}

void Http1Connection::StartExchange() {
  RequestHead& head = context_.head;
  head.scheme.assign(context_.options.scheme);
  head.client.assign(client_);
  head.tls.clear();
  head.proxy.clear();
  head.service.clear();
  head.draw = id_ = context_.options.id_field.empty() ? 0 : context_.NextId();
  head.place.assign(context_.options.place);
  is_head_request_ = head.method == "HEAD";
  body_ = {};
  body_.done = !framing_.chunked && framing_.length == 0 && !framing_.upgrade;
  answer_ = {};
  if (framing_.chunked) chunks_.Reset();
  state_ = State::kExchange;
  ++context_.counters.requests;
  answerer_ = &context_.target.Start(head, *this);
  GrantResponse();
  if (body_.done) answerer_->OnRequestEnd();
}

size_t Http1Connection::TakeBody(char* data, size_t size) {
  if (state_ == State::kDiscard && body_.done) {
    state_ = State::kIdle;
    read_deadline_ = context_.loop.Now() + context_.options.idle_timeout;
    return 0;
  }
  if (body_.done || answer_.broken) return 0;
  if (framing_.upgrade) return TakeUpgraded({data, size});
  const bool wanted = state_ == State::kExchange;
  uint64_t& credit = wanted ? body_.credit : discard_left_;

  size_t consumed = 0;
  std::string_view bytes;
  if (framing_.chunked) {
    const ChunkedDecoder::Step step = chunks_.Decode(data, size, credit);
    if (step.outcome == ChunkedDecoder::Outcome::kRefused) {
      RefuseRequest({400, chunks_.what()});
      return size;
    }
    consumed = step.consumed;
    bytes = step.body;
    body_.done = step.outcome == ChunkedDecoder::Outcome::kDone;
  } else {
    consumed = static_cast<size_t>(
        std::min({uint64_t{size}, framing_.length - body_.received, credit}));
    bytes = std::string_view(data, consumed);
    body_.done = body_.received + consumed == framing_.length;
  }
  body_.received += bytes.size();
  if (body_.received > context_.options.max_body_bytes) {
    RefuseRequest({413, "the body of the request is too large"});
    return size;
  }
  credit -= bytes.size();
  if (wanted) {
    if (!bytes.empty()) answerer_->OnRequestBody(bytes);
    if (body_.done) answerer_->OnRequestEnd();
  } else if (discard_left_ == 0 && !body_.done) {
    state_ = State::kFlush;
    QueueStep();
  }
  return consumed;
}

size_t Http1Connection::TakeUpgraded(std::string_view data) {
  if (!IsUpgraded()) return 0;
  const size_t size = std::min<uint64_t>(data.size(), body_.credit);
  if (size == 0) return 0;
  body_.credit -= size;
  body_.received += size;
  answerer_->OnRequestBody(data.substr(0, size));
  return size;
}

void Http1Connection::GrantRequestBody(uint64_t bytes) {
  if (state_ != State::kExchange || body_.done) return;
  if (body_.credit == 0) {
    read_deadline_ = context_.loop.Now() + context_.options.body_timeout;
  }
  body_.credit +=
      std::min(bytes, std::numeric_limits<uint64_t>::max() - body_.credit);
  if (framing_.expects_continue && !answer_.started) {
    framing_.expects_continue = false;
    Output().append("HTTP/1.1 100 Continue\r\n\r\n");
  }
  QueueStep();
}

}  // namespace caravel::net
