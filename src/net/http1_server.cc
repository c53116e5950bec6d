// Connections live in slots that are used again, so that accepting one costs no
// allocation. Deadlines need no timer for each: one tick a while looks at them
// all, which for ten thousand connections is tens of microseconds a second, and
// setting a deadline is one store.
//
// Tests: http1_server_test.cc, http1_connection_test.cc.
#include "net/http1_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "base/check.h"
#include "net/http1_connection.h"
#include "net/http1_context.h"
#include "net/http_syntax.h"

namespace caravel::net {
namespace {

constexpr int kMaxAcceptsPerRound = 64;
constexpr std::chrono::milliseconds kLongestTick{1'000};
// After the system had no descriptor or memory for another connection.
constexpr std::chrono::milliseconds kAcceptPause{100};
// Connections above the limit that may wait for their refusal at a time.
constexpr uint32_t kRefusalsAtATime = 256;

// The numeric address of a peer; empty for a unix socket. An IPv4 address that
// came through an IPv6 socket is written as IPv4.
std::string FormatAddress(const sockaddr_storage& raw) {
  std::array<char, INET6_ADDRSTRLEN> text = {};
  if (raw.ss_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(&raw);
    ::inet_ntop(AF_INET, &v4->sin_addr, text.data(), text.size());
  } else if (raw.ss_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&raw);
    if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
      constexpr size_t kMappedPrefix = 12;
      ::inet_ntop(AF_INET, v6->sin6_addr.s6_addr + kMappedPrefix, text.data(),
                  text.size());
    } else {
      ::inet_ntop(AF_INET6, &v6->sin6_addr, text.data(), text.size());
    }
  }
  return text.data();
}

}  // namespace

class Http1Server::State {
 public:
  State(EventLoop& loop, const base::Clock& clock, Target& target,
        Http1Options options)
      : context_(loop, clock, target, std::move(options)) {}
  ~State();

  Status AdoptListener(base::Fd socket);
  std::vector<base::Fd> ReleaseListeners();
  void FlushPending();
  void Drain(std::function<void()> done);
  const Http1Counters& counters() const { return context_.counters; }

 private:
  class Listener final : public EventLoop::Watcher {
   public:
    Listener(State& server, base::Fd listening)
        : state(server), socket(std::move(listening)) {}
    void OnEvents(uint32_t) override { state.Accept(*this); }

    State& state;
    base::Fd socket;
  };

  void Accept(const Listener& listener);
  void Open(base::Fd socket, const sockaddr_storage& peer);
  void PauseAccepting();
  void SetAccepting(bool accepting);
  void StartTick();
  void Tick();
  std::chrono::milliseconds TickInterval() const;

  Http1Context context_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::vector<std::unique_ptr<Http1Connection>> connections_;
  std::vector<Http1Connection*> free_;
  std::vector<Http1Connection*> stepping_;
  EventLoop::TimerId tick_;
  EventLoop::TimerId pause_;
  std::function<void()> drained_;
};

Http1Server::State::~State() {
  context_.loop.Cancel(tick_);
  context_.loop.Cancel(pause_);
  ReleaseListeners();
  const Error why(ErrorCode::kUnavailable, "the server is stopping");
  for (const auto& connection : connections_) connection->Cut(why);
}

Status Http1Server::State::AdoptListener(base::Fd socket) {
  int listens = 0;
  socklen_t size = sizeof listens;
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) !=
      0) {
    return ErrnoError("adopt a listening socket", errno);
  }
  if (listens == 0) {
    return Error(ErrorCode::kInvalid,
                 "adopt a listening socket: this one does not listen");
  }
  // Accepted sockets inherit it. Answers leave in one piece: nothing is gained
  // by waiting for more. A unix socket knows no such option.
  const int yes = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  auto listener = std::make_unique<Listener>(*this, std::move(socket));
  CARAVEL_TRY(context_.loop.Watch(listener->socket.get(),
                                  context_.draining ? 0U : EPOLLIN, *listener));
  listeners_.push_back(std::move(listener));
  return {};
}

std::vector<base::Fd> Http1Server::State::ReleaseListeners() {
  std::vector<base::Fd> sockets;
  for (const auto& listener : listeners_) {
    context_.loop.Unwatch(listener->socket.get());
    sockets.push_back(std::move(listener->socket));
  }
  listeners_.clear();
  return sockets;
}

void Http1Server::State::Accept(const Listener& listener) {
  for (int i = 0; i < kMaxAcceptsPerRound; ++i) {
    sockaddr_storage peer = {};
    socklen_t size = sizeof peer;
    base::Fd socket(::accept4(listener.socket.get(),
                              reinterpret_cast<sockaddr*>(&peer), &size,
                              SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.valid()) {
      ++context_.counters.accepted;
      Open(std::move(socket), peer);
      continue;
    }
    if (errno == EAGAIN) return;
    // The client may have gone while it waited; anything else is a lack of
    // descriptors or memory, which a pause may mend.
    if (errno == ECONNABORTED || errno == EINTR || errno == EPROTO) continue;
    return PauseAccepting();
  }
}

void Http1Server::State::Open(base::Fd socket, const sockaddr_storage& peer) {
  const uint32_t limit = context_.options.max_connections;
  const bool too_many = context_.counters.open >= limit;
  if (too_many) {
    ++context_.counters.refused_connections;
    if (context_.counters.open >= uint64_t{limit} + kRefusalsAtATime) return;
  }
  if (free_.empty()) {
    connections_.push_back(std::make_unique<Http1Connection>(context_));
    free_.push_back(connections_.back().get());
  }
  Http1Connection& connection = *free_.back();
  if (!connection.Open(std::move(socket), FormatAddress(peer))) {
    return PauseAccepting();
  }
  free_.pop_back();
  if (too_many) {
    connection.FailRequest(
        503, Error(ErrorCode::kLimit, "the server has too many connections"));
  }
  StartTick();
}

void Http1Server::State::SetAccepting(bool accepting) {
  for (const auto& listener : listeners_) {
    context_.loop.Change(listener->socket.get(), accepting ? EPOLLIN : 0U);
  }
}

void Http1Server::State::PauseAccepting() {
  SetAccepting(false);
  context_.loop.Cancel(pause_);
  pause_ = context_.loop.After(kAcceptPause, [this] {
    if (!context_.draining) SetAccepting(true);
  });
}

std::chrono::milliseconds Http1Server::State::TickInterval() const {
  const Http1Options& options = context_.options;
  const std::chrono::milliseconds shortest = std::min(
      {options.head_timeout, options.idle_timeout, options.body_timeout,
       options.write_timeout, options.linger_timeout});
  return std::clamp(shortest / 4, std::chrono::milliseconds(1), kLongestTick);
}

void Http1Server::State::StartTick() {
  if (tick_ != EventLoop::TimerId()) return;
  tick_ = context_.loop.After(TickInterval(), [this] { Tick(); });
}

void Http1Server::State::Tick() {
  tick_ = {};
  const base::SteadyTime now = context_.loop.Now();
  for (const auto& connection : connections_) connection->CheckDeadlines(now);
  if (context_.counters.open > 0) StartTick();
}

void Http1Server::State::FlushPending() {
  stepping_.swap(context_.pending);
  for (Http1Connection* connection : stepping_) connection->Step();
  stepping_.clear();
  if (!context_.closed.empty()) {
    free_.insert(free_.end(), context_.closed.begin(), context_.closed.end());
    context_.closed.clear();
  }
  if (context_.draining && context_.counters.open == 0 && drained_) {
    std::exchange(drained_, nullptr)();
  }
}

void Http1Server::State::Drain(std::function<void()> done) {
  CARAVEL_CHECK(!context_.draining);
  context_.draining = true;
  drained_ = std::move(done);
  SetAccepting(false);
  for (const auto& connection : connections_) {
    if (connection->open()) connection->Drain();
  }
}

Http1Server::Http1Server(EventLoop& loop, const base::Clock& clock,
                         Target& target, Http1Options options)
    : state_(std::make_unique<State>(loop, clock, target, std::move(options))) {
}

Http1Server::~Http1Server() = default;

Status Http1Server::AdoptListener(base::Fd listener) {
  return state_->AdoptListener(std::move(listener));
}

std::vector<base::Fd> Http1Server::ReleaseListeners() {
  return state_->ReleaseListeners();
}

void Http1Server::FlushPending() { state_->FlushPending(); }

void Http1Server::Drain(std::function<void()> done) {
  state_->Drain(std::move(done));
}

const Http1Counters& Http1Server::counters() const {
  return state_->counters();
}

ErrorPage PlainErrorPage(uint16_t status, const Error& why) {
  std::string body =
      fmt::format("{} {}\n", status, std::string_view(ReasonPhrase(status)));
  if (status < 500) body += why.ToText() + "\n";
  return {"text/plain; charset=utf-8", std::move(body)};
}

uint16_t StatusFor(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalid:
      return 400;
    case ErrorCode::kNotFound:
      return 404;
    case ErrorCode::kConflict:
      return 409;
    case ErrorCode::kDenied:
      return 403;
    case ErrorCode::kNoSpace:
      return 507;
    case ErrorCode::kLimit:
    case ErrorCode::kUnavailable:
      return 503;
    case ErrorCode::kInternal:
      return 500;
  }
  return 500;
}

}  // namespace caravel::net
