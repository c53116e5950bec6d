#include "net/raw_connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>

namespace caravel::net {
namespace {

std::string TextOf(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text;
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    return fmt::format("{}:{}", text.data(), ntohs(v4.sin_port));
  }
  if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    return fmt::format("[{}]:{}", text.data(), ntohs(v6.sin6_port));
  }
  return {};
}

template <typename GetName>
std::string AddressOf(int fd, GetName get_name) {
  sockaddr_storage address = {};
  socklen_t size = sizeof address;
  if (get_name(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return {};
  }
  return TextOf(address);
}

}  // namespace

RawConnection::RawConnection(EventLoop& loop, base::Fd socket,
                             std::unique_ptr<TlsSession> tls, Owner& owner,
                             std::chrono::milliseconds handshake_limit)
    : loop_(loop),
      stream_(std::move(socket), std::move(tls)),
      owner_(owner),
      handshake_limit_(handshake_limit) {
  // What is written goes out at once: its size is the owner's choice.
  const int on = 1;
  (void)::setsockopt(stream_.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (!stream_.ready()) {
    ArmHandshakeTimer();
    FailSoon(stream_.Flush());
  }
  PumpSoon();
}

RawConnection::~RawConnection() {
  loop_.Cancel(pump_timer_);
  loop_.Cancel(handshake_timer_);
  if (watched_ != 0) loop_.Unwatch(stream_.fd());
}

std::string RawConnection::LocalAddress() const {
  return AddressOf(stream_.fd(), ::getsockname);
}

std::string RawConnection::RemoteAddress() const {
  return AddressOf(stream_.fd(), ::getpeername);
}

void RawConnection::Grant(uint64_t bytes) {
  const bool stood_still = credit_ == 0;
  credit_ += bytes;
  if (stood_still) PumpSoon();
}

void RawConnection::DropInput() {
  CARAVEL_CHECK(!securing_);
  if (!std::exchange(drops_input_, true)) PumpSoon();
}

size_t RawConnection::room() const {
  if (ended_ || failure_ || !stream_.ready()) return 0;
  return kOutputWindow - std::min(kOutputWindow, stream_.unsent());
}

void RawConnection::Write(std::string_view bytes) {
  CARAVEL_CHECK(bytes.size() <= room(), bytes.size(), room());
  Status written = stream_.Write(bytes);
  if (written) written = stream_.Flush();
  FailSoon(written);
  if (stream_.unsent() == 0) return;
  owes_room_ = true;
  PumpSoon();
}

void RawConnection::End() {
  CARAVEL_CHECK(stream_.ready() && !ended_);
  ended_ = true;
  if (failure_) return;
  FailSoon(stream_.End());
  owes_room_ = owes_room_ || end_waits();
  PumpSoon();
}

void RawConnection::StartTls(std::unique_ptr<TlsSession> tls) {
  ArmHandshakeTimer();
  FailSoon(stream_.StartTls(std::move(tls)));
  PumpSoon();
}

void RawConnection::ArmHandshakeTimer() {
  securing_ = true;
  owes_room_ = true;
  handshake_timer_ = loop_.After(handshake_limit_, [this] {
    Fail(Error(ErrorCode::kUnavailable,
               fmt::format("the TLS handshake took more than {} ms",
                           handshake_limit_.count())));
  });
}

void RawConnection::FailSoon(const Status& status) {
  if (status || failure_) return;
  failure_ = status.error().Clone();
  PumpSoon();
}

void RawConnection::PumpSoon() {
  if (pump_timer_.value != 0) return;
  pump_timer_ = loop_.At(loop_.Now(), [this] {
    pump_timer_ = {};
    Pump();
  });
}

void RawConnection::OnEvents(uint32_t /*events*/) { Pump(); }

void RawConnection::Pump() {
  // What the peer sent before it broke off comes first.
  if (!PumpInput()) return;
  if (!failure_) {
    const Status flushed = stream_.Flush();
    if (!flushed) failure_ = flushed.error().Clone();
  }
  if (failure_) {
    if (pump_timer_.value != 0) return;  // more may be there to be read
    return Fail(*failure_);
  }
  if (owes_room_ && (stream_.unsent() < kOutputWindow / 2) && !end_waits()) {
    owes_room_ = stream_.unsent() > 0;
    const std::weak_ptr<char> alive = alive_;
    owner_.OnRoom();
    if (alive.expired()) return;
  }
  owes_room_ = owes_room_ || stream_.unsent() > 0 || end_waits();
  const Status watched = UpdateWatch();
  if (!watched) Fail(watched.error());
}

bool RawConnection::PumpInput() {
  const std::weak_ptr<char> alive = alive_;
  size_t received = 0;
  int receives = 0;
  while (!peer_ended_) {
    if (!TellSecured()) return false;
    if (stream_.input_size() > 0 && !securing_ && !drops_input_) {
      if (credit_ == 0) return true;
      const size_t size = std::min<uint64_t>(stream_.input_size(), credit_);
      credit_ -= size;
      owner_.OnBytes(stream_.input_view().substr(0, size));
      if (alive.expired()) return false;
      stream_.Consume(size);
      continue;
    }
    if (stream_.at_end()) {
      if (securing_) {
        failure_ = Error(ErrorCode::kUnavailable,
                         "the connection was closed in the TLS handshake");
        return true;
      }
      peer_ended_ = true;
      owner_.OnEnd();
      return !alive.expired();
    }
    if (credit_ == 0 && !securing_ && !drops_input_) return true;
    if (received >= kInputAtOnce || receives++ == kReceivesAtOnce) {
      PumpSoon();
      return true;
    }
    const bool was_ready = stream_.ready();
    const Result<size_t> got =
        drops_input_ ? stream_.Discard() : stream_.Receive();
    if (!got) {
      failure_ = got.error().Clone();
      return true;
    }
    received += *got;
    if (*got == 0 && !stream_.at_end() && was_ready == stream_.ready()) {
      if (stream_.input_size() == 0) stream_.Rest();
      return true;
    }
  }
  return true;
}

bool RawConnection::TellSecured() {
  if (!securing_ || !stream_.ready()) return true;
  securing_ = false;
  loop_.Cancel(handshake_timer_);
  const std::weak_ptr<char> alive = alive_;
  owner_.OnSecured();
  return !alive.expired();
}

void RawConnection::Fail(const Error& why) {
  // A copy: the owner may destroy what `why` is part of.
  const Error error = why.Clone();
  loop_.Cancel(pump_timer_);
  loop_.Cancel(handshake_timer_);
  if (watched_ != 0) loop_.Unwatch(stream_.fd());
  watched_ = 0;
  peer_ended_ = true;
  failure_ = why.Clone();
  owner_.OnFailed(error);
}

Status RawConnection::UpdateWatch() {
  uint32_t wanted = 0;
  if (!peer_ended_ && (credit_ > 0 || securing_ || drops_input_)) {
    wanted |= EPOLLIN;
  }
  if (stream_.wants_to_send()) wanted |= EPOLLOUT;
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

}  // namespace caravel::net
