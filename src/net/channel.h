#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "net/event_loop.h"

namespace caravel::net {

// One message between processes of Caravel on this machine: bytes, and open
// descriptors that travel with them (SCM_RIGHTS).
struct Packet {
  std::string bytes;
  std::vector<base::Fd> fds;
};

// Larger things travel as a descriptor (base::SealedMemoryFile).
inline constexpr size_t kMaxPacketBytes = 64 * 1024;
inline constexpr size_t kMaxPacketFds = 128;  // of the 253 of Linux

// A unix socket of type SOCK_SEQPACKET on an event loop: whole packets in
// order, each with its descriptors. What does not fit into the socket waits in
// memory, at most `kMaxChannelBacklog` bytes (a waiting descriptor counts as 16
// KiB); a peer that does not read for that long loses the channel. A packet
// that breaks the limits above ends the channel, and its descriptors are
// closed.
//
// Threads: the one that drives the loop.
class Channel final : private EventLoop::Watcher {
 public:
  class Handler {
   public:
    virtual ~Handler() = default;
    // The channel may be destroyed from within either; neither is called from
    // within Send().
    virtual void OnPacket(Packet packet) = 0;
    // The peer closed, died, or broke a rule of the channel. Called once, at
    // last, behind every packet that the peer had sent before.
    virtual void OnClosed(const Error& why) = 0;
  };

  // `socket` is connected and of type SOCK_SEQPACKET; `loop` and `handler`
  // outlive the channel.
  static Result<std::unique_ptr<Channel>> Create(EventLoop& loop,
                                                 base::Fd socket,
                                                 Handler& handler);
  ~Channel() override;

  // Requires: the packet is within the limits above and has bytes (an empty one
  // would read as the end). Packets sent after the channel has closed are
  // dropped, with their descriptors.
  void Send(Packet packet);

  // No packet follows: once what waits is sent, the peer hears the end behind
  // it. When the peer has read all that and hangs up in turn, OnClosed() says
  // so; until then its packets arrive as before.
  void Finish();

  // From now on `handler`, which outlives the channel, is told instead. May be
  // called from within the present one's OnPacket().
  void SetHandler(Handler& handler);

  // What of the backlog is used.
  size_t backlog() const;

  // Process, user and group of the peer when it connected (SO_PEERCRED).
  struct Peer {
    int pid = 0;
    unsigned uid = 0;
    unsigned gid = 0;
  };
  Result<Peer> GetPeer() const;

 private:
  class State;
  Channel(EventLoop& loop, base::Fd socket, Handler& handler);
  void OnEvents(uint32_t events) override;
  // Hands at most `limit` packets to the handler; false when the channel closed
  // or was destroyed meanwhile.
  bool ReadPackets(int limit);
  void FailSoon(Error why);
  void CloseNow(Error why);

  std::unique_ptr<State> state_;
};

inline constexpr size_t kMaxChannelBacklog = 8 * 1024 * 1024;

// A listening unix socket at `path` (SOCK_SEQPACKET, mode 0600, replacing a
// dead one; kConflict when another process listens there), and a connection to
// such (kUnavailable when nobody answers). Both non-blocking; `path` may be
// longer than the kernel's 107 bytes as long as its last part is short.
Result<base::Fd> ListenUnix(const std::string& path);
Result<base::Fd> ConnectUnix(const std::string& path);
// Two connected ends, for tests and for a child process.
Result<std::pair<base::Fd, base::Fd>> ChannelPair();

}  // namespace caravel::net
