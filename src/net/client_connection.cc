// What the asker says (more body, more credit) is noted at once and carried out
// by Pump() from the loop, together with what the socket has: so nothing is
// called on the asker from within a call of its own, and what was said in one
// round leaves in one write.
//
// When the answer may not be read on for lack of credit, the socket is not
// watched at all: a peer that hung up would else be reported every round.
//
// The reading half is client_response.cc. Tests: client_connection_test.cc.
#include "net/client_connection.h"

#include <sys/epoll.h>

#include "net/client_request.h"

namespace caravel::net {

Result<std::unique_ptr<ClientConnection>> ClientConnection::Create(
    EventLoop& loop, ClientStream stream, Owner& owner, Options options) {
  std::unique_ptr<ClientConnection> connection(
      new ClientConnection(loop, std::move(stream), owner, options));
  CARAVEL_TRY(connection->UpdateWatch());
  return connection;
}

ClientConnection::ClientConnection(EventLoop& loop, ClientStream stream,
                                   Owner& owner, const Options& options)
    : loop_(loop),
      stream_(std::move(stream)),
      owner_(owner),
      options_(options) {}

ClientConnection::~ClientConnection() {
  loop_.Cancel(pump_timer_);
  loop_.Cancel(stall_timer_);
  if (watched_ != 0) loop_.Unwatch(stream_.fd());
}

Answerer& ClientConnection::Start(RequestHead& head, Asker& asker) {
  CARAVEL_CHECK(idle());
  phase_ = Phase::kHead;
  asker_ = &asker;
  response_begun_ = false;
  needs_credit_ = false;
  interim_heads_ = 0;
  head_reader_.Reset();
  chunked_.Reset();
  credit_ = 0;
  request_granted_ = 0;
  to_head_ = head.method == "HEAD";
  // Behind a request for an upgrade nothing comes before the answer.
  asks_upgrade_ = !head.upgrade.empty();
  request_done_ = head.body_size == 0 || asks_upgrade_;
  last_progress_ = loop_.Now();
  ArmStallTimer();
  const Result<RequestText> text = WriteRequest(head);
  if (!text) {
    FailSoon(text.error().Clone());
    return *this;
  }
  request_chunked_ = text->chunked;
  request_left_ = text->length;
  const Status written = stream_.Write(text->head);
  if (!written) FailSoon(written.error().Clone());
  PumpSoon();
  return *this;
}

void ClientConnection::OnRequestBody(std::string_view bytes) {
  CARAVEL_CHECK(bytes.size() <= request_granted_, bytes.size(),
                request_granted_);
  request_granted_ -= bytes.size();
  if (bytes.empty() || cannot_send_ || failure_.has_value()) return;
  Status written;
  if (request_chunked_) {
    written = stream_.Write(fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes));
  } else if (bytes.size() > request_left_) {
    written = Error(ErrorCode::kInvalid,
                    "the request's body is longer than was announced");
  } else {
    request_left_ -= bytes.size();
    written = stream_.Write(bytes);
  }
  if (!written) FailSoon(std::move(written).error());
  PumpSoon();
}

void ClientConnection::OnRequestEnd() {
  if (request_done_ || failure_.has_value()) return;
  request_done_ = true;
  Status written;
  if (request_chunked_) {
    if (!cannot_send_) written = stream_.Write("0\r\n\r\n");
  } else if (request_left_ > 0 && !asks_upgrade_) {
    written = Error(ErrorCode::kInvalid,
                    "the request's body is shorter than was announced");
  }
  if (!written) FailSoon(std::move(written).error());
  PumpSoon();
}

void ClientConnection::OnResponseCredit(uint64_t bytes) {
  credit_ += bytes;
  needs_credit_ = false;
  PumpSoon();
}

void ClientConnection::OnCancel(const Error& /*why*/) {
  asker_ = nullptr;
  CloseNow();
}

void ClientConnection::OnEvents(uint32_t /*events*/) { Pump(); }

void ClientConnection::PumpSoon() {
  if (pump_timer_.value != 0) return;
  pump_timer_ = loop_.At(loop_.Now(), [this] { Pump(); });
}

void ClientConnection::FailSoon(Error why) {
  if (!failure_.has_value()) failure_ = std::move(why);
  PumpSoon();
}

void ClientConnection::Pump() {
  loop_.Cancel(pump_timer_);
  pump_timer_ = {};
  if (failure_.has_value()) return Abort(Error(std::move(*failure_)));
  if (!cannot_send_) {
    const size_t before = stream_.unsent();
    // A server may answer and close without reading all of the request, so that
    // a failure to send is no failure yet: the answer is read on.
    cannot_send_ = !stream_.Flush();
    if (stream_.unsent() < before) last_progress_ = loop_.Now();
  }
  if (!(idle() ? CheckIdle() : PumpInput())) return;
  if (stream_.wants_to_send() && !cannot_send_) {
    cannot_send_ = !stream_.Flush();  // what the TLS handshake set free
  }
  GrantRequestBody();
  const Status watched = UpdateWatch();
  if (!watched) Abort(watched.error());
}

void ClientConnection::GrantRequestBody() {
  if (request_done_ || cannot_send_ || !stream_.ready()) return;
  const uint64_t on_its_way = request_granted_ + stream_.unsent();
  if (on_its_way > options_.request_window / 2) return;
  uint64_t grant = options_.request_window - on_its_way;
  if (!request_chunked_) {
    grant = std::min(grant, request_left_ - request_granted_);
  }
  if (grant == 0) return;
  request_granted_ += grant;
  asker_->GrantRequestBody(grant);
}

// Nothing may come while nothing was asked for, but a TLS session's own.
bool ClientConnection::CheckIdle() {
  const Result<size_t> got = stream_.Receive();
  if (got && *got == 0 && !stream_.at_end()) {
    stream_.Rest();
    return true;
  }
  CloseNow();
  return false;
}

void ClientConnection::Retire() {
  loop_.Cancel(stall_timer_);
  stall_timer_ = {};
  phase_ = Phase::kIdle;
  const bool reusable = framing_.keep_alive && request_done_ && !cannot_send_ &&
                        stream_.unsent() == 0 && stream_.input_size() == 0 &&
                        !stream_.at_end() && !failure_.has_value();
  if (!reusable || !UpdateWatch()) return CloseNow();
  stream_.Rest();
  owner_.OnIdle(*this);  // may destroy *this
}

void ClientConnection::Abort(const Error& why) {
  phase_ = Phase::kClosed;
  Asker* asker = std::exchange(asker_, nullptr);
  if (asker != nullptr) asker->RespondAbort(why);
  CloseNow();
}

void ClientConnection::CloseNow() {
  phase_ = Phase::kClosed;
  loop_.Cancel(pump_timer_);
  loop_.Cancel(stall_timer_);
  if (watched_ != 0) loop_.Unwatch(stream_.fd());
  watched_ = 0;
  owner_.OnClosed(*this);  // may destroy *this
}

Status ClientConnection::UpdateWatch() {
  uint32_t wanted = 0;
  if (phase_ != Phase::kClosed && !needs_credit_) wanted |= EPOLLIN;
  if (stream_.wants_to_send() && !cannot_send_) wanted |= EPOLLOUT;
  if (wanted == watched_) return {};
  if (watched_ == 0) {
    CARAVEL_TRY(loop_.Watch(stream_.fd(), wanted, *this));
  } else if (wanted == 0) {
    loop_.Unwatch(stream_.fd());
  } else {
    loop_.Change(stream_.fd(), wanted);
  }
  watched_ = wanted;
  return {};
}

bool ClientConnection::ServerIsToAct() const {
  if (!stream_.ready() || stream_.wants_to_send()) return true;
  return request_done_ && !needs_credit_;
}

void ClientConnection::ArmStallTimer() {
  stall_timer_ = loop_.At(last_progress_ + options_.stall_timeout,
                          [this] { OnStallTimer(); });
}

void ClientConnection::OnStallTimer() {
  stall_timer_ = {};
  if (!ServerIsToAct()) last_progress_ = loop_.Now();
  if (loop_.Now() < last_progress_ + options_.stall_timeout) {
    return ArmStallTimer();
  }
  const auto seconds =
      std::chrono::duration<double>(options_.stall_timeout).count();
  if (!stream_.ready()) {
    return Abort(
        Error(ErrorCode::kUnavailable,
              fmt::format("the TLS handshake did not end in {} s", seconds)));
  }
  Abort(Error(ErrorCode::kUnavailable,
              response_begun_
                  ? fmt::format("the server stopped for {} s in the middle of "
                                "its answer",
                                seconds)
                  : fmt::format("the server did not answer in {} s", seconds)));
}

}  // namespace caravel::net
