// One recvmsg or sendmsg a packet. Three properties of the kernel shape the
// code:
//
// - A descriptor that is received is ours at once, whatever comes after: each
// is
//   wrapped in an Fd before anything else is looked at, so that every refusal
//   closes it. A control buffer that was too small (MSG_CTRUNC) means that the
//   kernel dropped descriptors: such a packet is refused, not repaired.
// - A peer that dies with unread packets makes the next recvmsg fail with
//   ECONNRESET once, in front of what the peer had still sent. Reading goes on
//   behind it, so that the last words of a dying process arrive.
// - recvmsg returns 0 for an empty packet as for the end, so an empty packet is
//   not a packet.
//
// Tests: channel_test.cc.
#include "net/channel.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <optional>

#include "base/check.h"

namespace caravel::net {
namespace {

// Packets that are read in one round, so that a busy peer leaves the loop to
// others.
constexpr int kMaxPacketsPerRound = 64;

// What a waiting packet costs, in bytes of the backlog: a descriptor is a
// scarce thing, so that about 500 fill it.
size_t WaitingCost(const Packet& packet) {
  constexpr size_t kPacketCost = 128;
  constexpr size_t kFdCost = 16 * 1024;
  return packet.bytes.size() + kPacketCost + packet.fds.size() * kFdCost;
}

// Packets that are read before a failed channel is reported: more than a socket
// buffer holds.
constexpr int kMaxLastPackets = 1024;

constexpr int kSent = 0;

// Sends one packet whole. Returns kSent or the error number.
int SendPacket(int fd, const Packet& packet) {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kMaxPacketFds)>
      control = {};
  iovec bytes = {const_cast<char*>(packet.bytes.data()), packet.bytes.size()};
  msghdr message = {};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  if (!packet.fds.empty()) {
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(sizeof(int) * packet.fds.size());
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * packet.fds.size());
    unsigned char* place = CMSG_DATA(header);
    for (const base::Fd& each : packet.fds) {
      const int number = each.get();
      std::memcpy(place, &number, sizeof number);
      place += sizeof number;
    }
  }
  while (::sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
    if (errno != EINTR) return errno;
  }
  return kSent;
}

// Takes ownership of every descriptor that came with `message`.
std::vector<base::Fd> TakeFds(msghdr& message) {
  std::vector<base::Fd> fds;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) {
      continue;
    }
    const size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    const unsigned char* place = CMSG_DATA(header);
    for (size_t i = 0; i < count; ++i) {
      int number = -1;
      std::memcpy(&number, place + i * sizeof number, sizeof number);
      fds.emplace_back(number);
    }
  }
  return fds;
}

Error PeerClosed() {
  return Error(ErrorCode::kUnavailable, "the peer closed the channel");
}

}  // namespace

class Channel::State {
 public:
  State(EventLoop& event_loop, base::Fd connected, Handler& receiver)
      : loop(event_loop),
        socket(std::move(connected)),
        handler(&receiver),
        buffer(kMaxPacketBytes, '\0') {}

  // One packet from the socket; nothing when none is there now.
  Result<std::optional<Packet>> Receive();

  // Sends what waits, as far as the socket takes it; behind the last packet,
  // the end.
  Status SendWaiting();

  EventLoop& loop;
  base::Fd socket;
  Handler* handler;
  std::string buffer;
  std::deque<Packet> waiting;
  size_t waiting_cost = 0;
  bool finishing = false;  // nothing more is taken to be sent
  bool closed = false;
  // Why the channel must close; reported from the loop, not from Send().
  std::optional<Error> failure;
  EventLoop::TimerId failure_timer;
  bool* destroyed = nullptr;  // set while a handler is being called
};

Result<std::optional<Packet>> Channel::State::Receive() {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kMaxPacketFds)>
      control;
  bool was_reset = false;
  while (true) {
    iovec bytes = {buffer.data(), buffer.size()};
    msghdr message = {};
    message.msg_iov = &bytes;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t size =
        ::recvmsg(socket.get(), &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (size < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN) return std::optional<Packet>();
      if (errno == ECONNRESET && !std::exchange(was_reset, true)) continue;
      return ErrnoError("receive from the peer", errno);
    }
    std::vector<base::Fd> fds = TakeFds(message);
    if (size == 0) return PeerClosed();
    if ((message.msg_flags & MSG_CTRUNC) != 0) {
      return Error(ErrorCode::kLimit,
                   fmt::format("the peer sent a packet with more than {} "
                               "descriptors, or this process can open no more",
                               kMaxPacketFds));
    }
    if ((message.msg_flags & MSG_TRUNC) != 0) {
      return Error(ErrorCode::kLimit,
                   fmt::format("the peer sent a packet of more than {} bytes",
                               kMaxPacketBytes));
    }
    return std::optional<Packet>(
        Packet{buffer.substr(0, static_cast<size_t>(size)), std::move(fds)});
  }
}

Status Channel::State::SendWaiting() {
  while (!waiting.empty()) {
    const int error_number = SendPacket(socket.get(), waiting.front());
    if (error_number == EAGAIN) return {};
    if (error_number == EPIPE || error_number == ECONNRESET) {
      return PeerClosed();
    }
    if (error_number != kSent) {
      return ErrnoError("send to the peer", error_number);
    }
    waiting_cost -= WaitingCost(waiting.front());
    waiting.pop_front();
  }
  if (finishing) ::shutdown(socket.get(), SHUT_WR);
  return {};
}

Result<std::unique_ptr<Channel>> Channel::Create(EventLoop& loop,
                                                 base::Fd socket,
                                                 Handler& handler) {
  int type = 0;
  socklen_t size = sizeof type;
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_TYPE, &type, &size) != 0) {
    return ErrnoError("create a channel", errno);
  }
  if (type != SOCK_SEQPACKET) {
    return Error(ErrorCode::kInvalid,
                 "create a channel: the socket is not of type SOCK_SEQPACKET");
  }
  const int fd = socket.get();
  std::unique_ptr<Channel> channel(
      new Channel(loop, std::move(socket), handler));
  CARAVEL_TRY(loop.Watch(fd, EPOLLIN, *channel));
  return channel;
}

Channel::Channel(EventLoop& loop, base::Fd socket, Handler& handler)
    : state_(std::make_unique<State>(loop, std::move(socket), handler)) {}

Channel::~Channel() {
  if (state_->destroyed != nullptr) *state_->destroyed = true;
  state_->loop.Cancel(state_->failure_timer);
  if (!state_->closed) state_->loop.Unwatch(state_->socket.get());
}

void Channel::Send(Packet packet) {
  CARAVEL_CHECK(!packet.bytes.empty());
  CARAVEL_CHECK(packet.bytes.size() <= kMaxPacketBytes, packet.bytes.size());
  CARAVEL_CHECK(packet.fds.size() <= kMaxPacketFds, packet.fds.size());
  State& state = *state_;
  if (state.closed || state.finishing || state.failure.has_value()) return;
  const bool was_waiting = !state.waiting.empty();
  state.waiting_cost += WaitingCost(packet);
  state.waiting.push_back(std::move(packet));
  Status sent;
  if (!was_waiting) sent = state.SendWaiting();
  if (sent && state.waiting_cost > kMaxChannelBacklog) {
    sent = Error(ErrorCode::kLimit,
                 fmt::format("the peer does not read: more than {} bytes wait",
                             kMaxChannelBacklog));
  }
  if (!sent) {
    FailSoon(std::move(sent).error());
    return;
  }
  if (!was_waiting && !state.waiting.empty()) {
    state.loop.Change(state.socket.get(), EPOLLIN | EPOLLOUT);
  }
}

size_t Channel::backlog() const { return state_->waiting_cost; }

void Channel::Finish() {
  State& state = *state_;
  if (state.closed || state.failure.has_value()) return;
  if (std::exchange(state.finishing, true)) return;
  // What waits for the socket is sent, and ended, by OnEvents().
  if (!state.waiting.empty()) return;
  ::shutdown(state.socket.get(), SHUT_WR);
}

void Channel::SetHandler(Handler& handler) { state_->handler = &handler; }

void Channel::FailSoon(Error why) {
  State& state = *state_;
  state.failure = std::move(why);
  state.waiting.clear();
  state.waiting_cost = 0;
  state.failure_timer = state.loop.At(state.loop.Now(), [this] {
    // What the peer had sent before is still delivered.
    if (ReadPackets(kMaxLastPackets)) CloseNow(std::move(*state_->failure));
  });
}

bool Channel::ReadPackets(int limit) {
  State& state = *state_;
  for (int i = 0; i < limit; ++i) {
    Result<std::optional<Packet>> packet = state.Receive();
    if (!packet) {
      CloseNow(std::move(packet).error());
      return false;
    }
    if (!packet->has_value()) return true;
    bool destroyed = false;
    state.destroyed = &destroyed;
    state.handler->OnPacket(std::move(**packet));
    if (destroyed) return false;
    state.destroyed = nullptr;
  }
  return true;
}

void Channel::CloseNow(Error why) {
  State& state = *state_;
  state.closed = true;
  state.waiting.clear();
  state.loop.Cancel(state.failure_timer);
  state.loop.Unwatch(state.socket.get());
  state.socket.Reset();
  state.handler->OnClosed(why);  // may destroy *this
}

void Channel::OnEvents(uint32_t events) {
  State& state = *state_;
  if ((events & EPOLLOUT) != 0 && !state.failure.has_value()) {
    Status sent = state.SendWaiting();
    if (!sent) {
      FailSoon(std::move(sent).error());
    } else if (state.waiting.empty()) {
      state.loop.Change(state.socket.get(), EPOLLIN);
    }
  }
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
    ReadPackets(kMaxPacketsPerRound);
  }
}

Result<Channel::Peer> Channel::GetPeer() const {
  ucred credentials = {};
  socklen_t size = sizeof credentials;
  if (::getsockopt(state_->socket.get(), SOL_SOCKET, SO_PEERCRED, &credentials,
                   &size) != 0) {
    return ErrnoError("ask who the peer is", errno);
  }
  return Peer{credentials.pid, credentials.uid, credentials.gid};
}

}  // namespace caravel::net
