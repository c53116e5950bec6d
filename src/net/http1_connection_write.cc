// From the answerer to the socket. Everything is appended to one buffer and
// leaves with one send at the end of the round. The credit for the response is
// the room that is left in that buffer, so a client that does not read stops
// the answerer, and nobody else.
#include <sys/sendfile.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "base/check.h"
#include "net/http1_connection.h"
#include "net/socket_calls.h"

namespace caravel::net {
namespace {

// Of a file, before the other connections have their turn.
constexpr uint64_t kMostOfFile = 1 << 20;

}  // namespace

std::string& Http1Connection::Output() {
  context_.ProvideBuffer(output_);
  return output_;
}

// Decides framing and persistence. `length` is that of the body where known.
void Http1Connection::WriteHead(const ResponseHead& head,
                                std::optional<uint64_t> length) {
  using Body = Http1ResponseFraming::Body;
  using Persistence = Http1ResponseFraming::Persistence;
  CARAVEL_CHECK(!answer_.started);
  const bool upgrades = framing_.upgrade && head.status == 101;
  CARAVEL_CHECK(upgrades || (head.status >= 200 && head.status <= 599),
                head.status);
  if (framing_.upgrade && !upgrades) {  // a plain request after all
    framing_.upgrade = false;
    body_.done = true;
  }
  Http1ResponseFraming& framing = answer_.framing;
  answer_.started = true;
  answer_.without_body = is_head_request_ || StatusHasNoBody(head.status);
  if (upgrades) {
    framing.body = Body::kUpgraded;
    framing_.keep_alive = false;
  } else if (StatusHasNoBody(head.status)) {
    framing.body = Body::kAbsent;
  } else if (length.has_value()) {
    framing.body = Body::kLength;
    framing.length = *length;
  } else if (is_head_request_) {
    framing.body = Body::kAbsent;
  } else {
    framing.body = framing_.http_1_0 ? Body::kToClose : Body::kChunked;
  }
  if (framing.body == Body::kToClose || context_.draining ||
      (!body_.done && !IsBodyWorthReading())) {
    framing_.keep_alive = false;
  }
  framing.persistence = !framing_.keep_alive ? Persistence::kClose
                        : framing_.http_1_0  ? Persistence::kKeepAlive
                                             : Persistence::kImplied;
  const Http1Options& options = context_.options;
  WriteResponseHead(
      head, framing,
      {.date_line = context_.date.At(context_.loop.Now()),
       .id_field = id_ == 0 ? std::string_view() : options.id_field,
       .id = id_,
       .place = options.place},
      Output());
}

void Http1Connection::Respond(const ResponseHead& head, std::string_view body) {
  CARAVEL_CHECK(answerer_ != nullptr);
  uint64_t length = body.size();
  if (is_head_request_ && body.empty() && head.body_size >= 0) {
    length = static_cast<uint64_t>(head.body_size);
  }
  WriteHead(head, length);
  if (!answer_.without_body) output_.append(body);
  FinishAnswer();
}

bool Http1Connection::RespondFile(const ResponseHead& head,
                                  const FileRange& body) {
  CARAVEL_CHECK(answerer_ != nullptr);
  WriteHead(head, body.size);
  if (!answer_.without_body) file_ = body;
  FinishAnswer();
  return true;
}

void Http1Connection::RespondStart(const ResponseHead& head) {
  CARAVEL_CHECK(answerer_ != nullptr);
  std::optional<uint64_t> length;
  if (head.body_size >= 0) length = static_cast<uint64_t>(head.body_size);
  WriteHead(head, length);
  QueueStep();
}

void Http1Connection::RespondBody(std::string_view bytes) {
  using Body = Http1ResponseFraming::Body;
  if (answer_.broken) return;
  CARAVEL_CHECK(answer_.started);
  CARAVEL_CHECK(bytes.size() <= answer_.credit, bytes.size(), answer_.credit);
  if (bytes.empty()) return;
  answer_.credit -= bytes.size();
  QueueStep();
  if (answer_.without_body) return;
  answer_.sent += bytes.size();
  const Http1ResponseFraming& framing = answer_.framing;
  if (framing.body == Body::kLength && answer_.sent > framing.length) {
    answer_.broken = true;
    return;
  }
  std::string& out = Output();
  if (framing.body != Body::kChunked) {
    out.append(bytes);
    return;
  }
  WriteChunkSize(bytes.size(), out);
  out.append(bytes).append("\r\n");
}

void Http1Connection::RespondEnd() {
  using Body = Http1ResponseFraming::Body;
  if (answer_.broken) {
    answerer_ = nullptr;
    return;
  }
  CARAVEL_CHECK(answer_.started);
  const Http1ResponseFraming& framing = answer_.framing;
  if (!answer_.without_body) {
    if (framing.body == Body::kLength && answer_.sent < framing.length) {
      answerer_ = nullptr;
      answer_.broken = true;
      return QueueStep();
    }
    if (framing.body == Body::kChunked) Output().append("0\r\n\r\n");
  }
  FinishAnswer();
}

void Http1Connection::RespondAbort(const Error& why) {
  ++context_.counters.aborted;
  if (!answer_.started) {
    WriteErrorPage(StatusFor(why.code()), why);
    return FinishAnswer();
  }
  answerer_ = nullptr;
  answer_.broken = true;
  QueueStep();
}

void Http1Connection::WriteErrorPage(uint16_t status, const Error& why) {
  const ErrorPage page = context_.options.error_page(status, why);
  ResponseHead head;
  head.status = status;
  head.headers.Add("Content-Type", page.content_type);
  WriteHead(head, page.body.size());
  if (!answer_.without_body) output_.append(page.body);
}

void Http1Connection::FinishAnswer() {
  answerer_ = nullptr;
  id_ = 0;  // what is refused before the next request has none
  if (!framing_.keep_alive) {
    state_ = State::kFlush;
  } else if (body_.done) {
    state_ = State::kIdle;
    read_deadline_ = context_.loop.Now() + context_.options.idle_timeout;
  } else {
    StartDiscard();
  }
  QueueStep();
}

// The request cannot be gone on with: nobody knows where the next one begins.
void Http1Connection::FailRequest(uint16_t status, const Error& why) {
  ++context_.counters.refused_requests;
  const bool answered = state_ == State::kDiscard;
  if (state_ == State::kExchange) {
    std::exchange(answerer_, nullptr)->OnCancel(why);
    if (answer_.started) {
      answer_.broken = true;
      return QueueStep();
    }
  } else if (!answered) {
    answer_ = {};
    is_head_request_ = false;
    framing_.http_1_0 = false;
  }
  body_.done = false;
  framing_.keep_alive = false;
  if (!answered) WriteErrorPage(status, why);
  state_ = State::kFlush;
  QueueStep();
}

void Http1Connection::Flush() {
  if (!blocked_ && unsent() > 0) SendOutput();
  if (open() && !blocked_ && unsent() == 0 && file_.size > 0) SendFile();
  if (open() && state_ == State::kFlush && !HasUnsent()) FinishFlush();
}

void Http1Connection::SendOutput() {
  // The head of a file waits for the first of its bytes.
  const int more = file_.size > 0 ? MSG_MORE : 0;
  const ssize_t sent = net::Send(socket_.get(), output_.data() + output_begin_,
                                 unsent(), MSG_NOSIGNAL | MSG_DONTWAIT | more);
  if (sent < 0 && errno != EAGAIN && errno != EINTR) {
    return Cut(
        Error(ErrorCode::kUnavailable, "the client broke the connection off"));
  }
  if (sent > 0) {
    output_begin_ += static_cast<size_t>(sent);
    context_.counters.bytes_sent += static_cast<uint64_t>(sent);
  }
  if (unsent() > 0) {
    blocked_ = true;
    write_deadline_ = context_.loop.Now() + context_.options.write_timeout;
    if (output_begin_ > output_.size() / 2) {
      output_.erase(0, output_begin_);
      output_begin_ = 0;
    }
  } else {
    output_begin_ = 0;
    context_.ReturnBuffer(output_);
  }
}

// From the page cache to the socket, without a copy of ours (sendfile(2)).
void Http1Connection::SendFile() {
  uint64_t budget = kMostOfFile;
  while (file_.size > 0) {
    auto at = static_cast<off_t>(file_.begin);
    const ssize_t sent = ::sendfile(socket_.get(), file_.file->get(), &at,
                                    std::min(file_.size, budget));
    if (sent == 0 || (sent < 0 && errno != EAGAIN && errno != EINTR)) {
      return Cut(sent == 0 ? Error(ErrorCode::kInternal,
                                   "the file is shorter than it was")
                           : ErrnoError("send a file to the client", errno));
    }
    const auto size = static_cast<uint64_t>(std::max<ssize_t>(sent, 0));
    file_.begin += size;
    file_.size -= size;
    budget -= size;
    context_.counters.bytes_sent += size;
    if (file_.size > 0 && (sent < 0 || budget == 0)) {
      blocked_ = true;
      write_deadline_ = context_.loop.Now() + context_.options.write_timeout;
      // The others have their turn. That there is room yet is no news to an
      // edge-triggered watch, which is therefore armed anew.
      if (budget == 0) interest_ = 0;
      return;
    }
  }
  file_ = {};
}

// Closing a socket with unread bytes makes the kernel reset it, and the client
// may lose the answer: so where more may come, its end is awaited.
void Http1Connection::FinishFlush() {
  if (input_closed_ || (body_.done && buffered() == 0)) return Close();
  ::shutdown(socket_.get(), SHUT_WR);
  context_.ReturnBuffer(input_);
  input_begin_ = 0;
  state_ = State::kLinger;
  read_deadline_ = context_.loop.Now() + context_.options.linger_timeout;
}

// Ends an answer that has begun and cannot be finished, so that the client sees
// that it is not whole.
void Http1Connection::BreakOff() {
  if (answerer_ != nullptr) {
    std::exchange(answerer_, nullptr)
        ->OnCancel(Error(ErrorCode::kInvalid,
                         "the response is longer than its Content-Length"));
  }
  Flush();
  if (!open()) return;
  if (answer_.framing.body == Http1ResponseFraming::Body::kToClose) {
    // Its end would look like that of a whole answer: reset the connection.
    const linger reset = {1, 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  }
  Close();
}

void Http1Connection::GrantResponse() {
  if (answerer_ == nullptr || answer_.broken) return;
  const uint64_t window = context_.options.response_window;
  const uint64_t used = unsent() + answer_.credit;
  if (used > window / 2) return;
  answer_.credit += window - used;
  answerer_->OnResponseCredit(window - used);
}

}  // namespace caravel::net
