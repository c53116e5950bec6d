#include "daemon/egress_race.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace caravel::daemon {
namespace {

// "connection refused": the system's text as the end of a sentence.
Error Unavailable(int error_number) {
  std::string text = std::strerror(error_number);
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] += 'a' - 'A';
  return Error(ErrorCode::kUnavailable, std::move(text));
}

// A socket on its way to `address`.
Result<base::Fd> BeginConnect(const net::IpAddress& address, uint16_t port) {
  sockaddr_storage raw;
  const socklen_t size = address.ToSocketAddress(port, raw);
  base::Fd socket(
      ::socket(raw.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.valid()) return Unavailable(errno);
  const int on = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const int begun =
      ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&raw), size);
  if (begun != 0 && errno != EINPROGRESS && errno != EINTR) {
    return Unavailable(errno);
  }
  return socket;
}

}  // namespace

// One address: its socket, until that is connected or has failed.
class ConnectRace::Runner final : private net::EventLoop::Watcher {
 public:
  explicit Runner(ConnectRace& race) : race_(race) {}
  ~Runner() override { Leave(); }

  Status Start(const net::IpAddress& address) {
    CARAVEL_TRY(base::Fd socket, BeginConnect(address, race_.port_));
    CARAVEL_TRY(race_.loop_.Watch(socket.get(), EPOLLOUT, *this));
    socket_ = std::move(socket);
    return {};
  }

 private:
  base::Fd Leave() {
    if (socket_.valid()) race_.loop_.Unwatch(socket_.get());
    return std::move(socket_);
  }

  void OnEvents(uint32_t /*events*/) override {
    int error_number = 0;
    socklen_t size = sizeof error_number;
    if (::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error_number,
                     &size) != 0) {
      error_number = errno;
    }
    base::Fd socket = Leave();
    if (error_number == 0) {
      race_.Finish(std::move(socket));  // destroys *this
    } else {
      socket.Reset();
      race_.OnFailed(Unavailable(error_number).message());  // may destroy *this
    }
  }

  ConnectRace& race_;
  base::Fd socket_;
};

ConnectRace::ConnectRace(net::EventLoop& loop,
                         std::vector<net::IpAddress> addresses, uint16_t port,
                         std::chrono::milliseconds head_start, Done done)
    : loop_(loop),
      addresses_(std::move(addresses)),
      port_(port),
      head_start_(head_start),
      done_(std::move(done)) {
  CARAVEL_CHECK(!addresses_.empty());
}

ConnectRace::~ConnectRace() { loop_.Cancel(next_start_); }

void ConnectRace::Start() { StartNext(); }

void ConnectRace::StartNext() {
  loop_.Cancel(next_start_);
  const net::IpAddress& address = addresses_[runners_.size()];
  runners_.push_back(std::make_unique<Runner>(*this));
  if (runners_.size() < addresses_.size()) {
    next_start_ = loop_.After(head_start_, [this] { StartNext(); });
  }
  const Status started = runners_.back()->Start(address);
  if (!started) OnFailed(started.error().message());
}

void ConnectRace::OnFailed(const std::string& reason) {
  if (first_failure_.empty()) first_failure_ = reason;
  ++failed_;
  if (runners_.size() < addresses_.size()) {
    StartNext();
  } else if (failed_ == addresses_.size()) {
    Finish(Error(ErrorCode::kUnavailable, first_failure_));
  }
}

void ConnectRace::Finish(Result<base::Fd> result) {
  // A copy: done_ is a member of the race, which it may destroy.
  const Done done = done_;
  done(std::move(result));
}

}  // namespace caravel::daemon
