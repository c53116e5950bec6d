#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "host/raw_connections.h"
#include "host/waiting_bytes.h"
#include "net/raw_connection.h"
#include "runtime/inbox.h"

namespace caravel::host {

class Slot;

// A connection of a Worker as its shard sees it, from the wish for one to its
// end. What the peer sends goes to the slot as a body arrives.
//
// Threads: the one that drives the shard. Owned by its slot.
class SocketRun final : public net::RawConnection::Owner {
 public:
  // Bytes from the peer that may wait for the isolate to take them.
  static constexpr uint64_t kInputWindow = 256 * 1024;
  // Bytes for the peer that may wait, once it is connected, without counting
  // against the isolate's memory limit.
  static constexpr size_t kOutputWindow = 128 * 1024;

  // `connections` outlives this.
  SocketRun(Slot& slot, RawConnections& connections, runtime::SocketId id);
  ~SocketRun() override;

  // Begins; with TLS where `tls` is set.
  void Open(const std::string& worker, const std::string& host, uint16_t port,
            bool tls);

  // ---- from the isolate ----
  void Write(std::string bytes);
  void End();
  // Nobody in the isolate knows of it any more: what was written is still sent,
  // within kLinger.
  void Close();
  // Goes on as `id`, through TLS with `host`, behind what was written; what is
  // written later waits for the handshake. The socket fails where TLS has begun
  // already or a side has ended, and when bytes in the clear still arrive.
  void StartTls(runtime::SocketId id, std::string host);
  void Grant(uint64_t bytes);
  // What comes from the peer is of no interest any more.
  void DropInput();

  bool over() const { return over_; }

 private:
  static constexpr std::chrono::milliseconds kHandshakeLimit{10'000};
  static constexpr std::chrono::seconds kLinger{5};

  // The peer may send as much as was delivered and is never going to be taken.
  void GrantDelivered();
  // The connection passes over what comes, where no handshake needs it.
  void PassOverInput();
  void OnConnected(Result<base::Fd> socket);
  void TellOpened();
  // Passes on what waits, as far as there is room.
  void Flush();
  void Finish(std::string_view why);
  void Leave();

  void OnSecured() override;
  void OnBytes(std::string_view bytes) override;
  void OnEnd() override;
  void OnRoom() override;
  void OnFailed(const Error& why) override;

  Slot& slot_;
  RawConnections& connections_;
  runtime::SocketId id_;
  const std::shared_ptr<char> alive_ = std::make_shared<char>();
  uint64_t number_ = 0;                     // in connections_
  std::optional<std::string> tls_at_once_;  // the name to begin TLS with
  std::optional<std::string> tls_;          // the same, behind what waits
  std::unique_ptr<net::RawConnection> connection_;  // nullptr: being opened
  WaitingBytes waiting_;  // beyond the connection's room
  net::EventLoop::TimerId linger_timer_;
  uint64_t granted_early_ = 0;  // before there was a connection
  // To the isolate, which has granted nothing for it; in the clear only.
  uint64_t delivered_ = 0;
  bool secured_ = false;  // through TLS, or about to be
  bool end_waiting_ = false;
  bool end_sent_ = false;
  bool peer_ended_ = false;
  bool drops_input_ = false;
  bool established_ = false;  // the TLS handshake is done
  bool closing_ = false;
  bool over_ = false;
};

}  // namespace caravel::host
