// The connection's states and deadlines. What is read is dealt with in
// http1_connection_read.cc, what is written in http1_connection_write.cc.
// Tests: http1_connection_test.cc, http1_limits_test.cc, exchange_test.cc.
#include "net/http1_connection.h"

#include <sys/epoll.h>

#include <utility>

#include "base/check.h"

namespace caravel::net {
namespace {

// Edge-triggered: an event comes when something changes, which saves the kernel
// a look at each socket in each round. So what an event tells must be used up:
// Receive() arms the watch anew where it may have left bytes in the socket.
constexpr uint32_t kRead = EPOLLIN | EPOLLRDHUP;
constexpr uint32_t kEdge = EPOLLET;

}  // namespace

Status Http1Connection::Open(base::Fd socket, std::string client) {
  CARAVEL_CHECK(!open());
  CARAVEL_TRY(context_.loop.Watch(socket.get(), kRead | kEdge, *this));
  socket_ = std::move(socket);
  client_ = std::move(client);
  interest_ = kRead | kEdge;
  blocked_ = false;
  head_progress_ = {};
  is_head_request_ = false;
  framing_ = {};
  body_ = {};
  answer_ = {};
  state_ = State::kIdle;
  read_deadline_ = context_.loop.Now() + context_.options.head_timeout;
  ++context_.counters.open;
  return {};
}

void Http1Connection::QueueStep() {
  if (std::exchange(queued_, true)) return;
  context_.pending.push_back(this);
}

void Http1Connection::Step() {
  queued_ = false;
  if (!open()) return;
  if (answer_.broken) return BreakOff();
  // Written before the next request is read: an answer that does not go out
  // holds back those behind it.
  Flush();
  if (open()) ConsumeInput();
  if (IsUpgraded() && input_closed_ && buffered() == 0) EndOfInput();
  if (open()) Flush();
  if (open()) GrantResponse();
  if (open() && context_.draining) Drain();
  if (open()) UpdateInterest();
}

void Http1Connection::OnEvents(uint32_t events) {
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
    return Cut(
        Error(ErrorCode::kUnavailable, "the client broke the connection off"));
  }
  if ((events & EPOLLOUT) != 0) {
    blocked_ = false;
    Flush();
    if (open()) QueueStep();
  }
  if (open() && (events & EPOLLIN) != 0) Receive();
  // The client's end lies behind what was read: seen once that is dealt with.
  if (open() && !input_closed_ && (events & EPOLLRDHUP) != 0) ReceiveAgain();
  if (open()) UpdateInterest();
}

void Http1Connection::UpdateInterest() {
  const bool reads =
      !input_closed_ && state_ != State::kFlush && buffered() < ReadLimit();
  const uint32_t wanted =
      (reads ? kRead : 0U) | (blocked_ ? uint32_t{EPOLLOUT} : 0U) | kEdge;
  if (wanted == interest_) return;
  interest_ = wanted;
  context_.loop.Change(socket_.get(), wanted);
}

size_t Http1Connection::ReadLimit() const {
  const Http1Options& options = context_.options;
  // A head is refused when it is too large, not left lying.
  return std::max<size_t>(options.read_ahead,
                          size_t{options.limits.head_bytes} + 1);
}

void Http1Connection::CheckDeadlines(base::SteadyTime now) {
  if (!open()) return;
  if (blocked_ && now >= write_deadline_) {
    ++context_.counters.timeouts;
    return Cut(Error(ErrorCode::kUnavailable,
                     "the client did not read the response in time"));
  }
  if (IsUpgraded()) return CheckUpgraded(now);
  if (now < read_deadline_) return;
  switch (state_) {
    case State::kClosed:
    case State::kFlush:
      return;
    case State::kIdle:
      if (HasUnsent() || buffered() > 0) return;
      break;
    case State::kExchange:
      if (body_.done || body_.credit == 0 || answer_.broken ||
          framing_.upgrade) {
        return;
      }
      ++context_.counters.timeouts;
      return FailRequest(408, Error(ErrorCode::kUnavailable,
                                    "the body did not arrive in time"));
    case State::kHead:
      ++context_.counters.timeouts;
      return FailRequest(408, Error(ErrorCode::kUnavailable,
                                    "the head did not arrive in time"));
    case State::kDiscard:
    case State::kLinger:
      break;
  }
  ++context_.counters.timeouts;
  Close();
}

// A client may be silent for as long as it likes. Where what it said is not
// taken, as by a Worker that never accepts its WebSocket, that it left is not
// seen either: its end lies behind.
void Http1Connection::CheckUpgraded(base::SteadyTime now) {
  if (buffered() == 0 ||
      std::exchange(body_.seen, body_.received) != body_.received) {
    read_deadline_ = now + context_.options.idle_timeout;
  } else if (now >= read_deadline_) {
    ++context_.counters.timeouts;
    Cut(Error(ErrorCode::kUnavailable, "nobody takes what the client says"));
  }
}

void Http1Connection::Drain() {
  if (state_ == State::kIdle && !HasUnsent() && buffered() == 0) Close();
}

void Http1Connection::Cut(const Error& why) {
  if (!open()) return;
  if (answerer_ != nullptr) {
    ++context_.counters.cancelled;
    std::exchange(answerer_, nullptr)->OnCancel(why);
  }
  Close();
}

void Http1Connection::Close() {
  context_.loop.Unwatch(socket_.get());
  socket_.Reset();
  state_ = State::kClosed;
  context_.ReturnBuffer(input_);
  context_.ReturnBuffer(output_);
  input_begin_ = 0;
  output_begin_ = 0;
  file_ = {};
  input_closed_ = false;
  --context_.counters.open;
  context_.closed.push_back(this);
}

}  // namespace caravel::net
