#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/client_stream.h"
#include "net/event_loop.h"

namespace caravel::net {

// A connection whose bytes are its owner's affair, in the clear or through TLS.
// It reads from the socket only what the owner has granted, and takes to be
// written only what it has room() for.
//
// Threads: the one that drives the loop.
class RawConnection final : private EventLoop::Watcher {
 public:
  // Who owns the connection. Called from the loop, never from within a call of
  // the connection; may destroy it from within.
  class Owner {
   public:
    virtual ~Owner() = default;
    // The TLS handshake that Create() or StartTls() began is done.
    virtual void OnSecured() = 0;
    virtual void OnBytes(std::string_view bytes) = 0;
    // The peer sends no more. (A TLS stream that ends without saying so is at
    // its end as well: many servers leave it at closing the connection.)
    virtual void OnEnd() = 0;
    // There is room() again, or all is sent, the end too if that was said.
    virtual void OnRoom() = 0;
    // The connection is of no more use. The last call.
    virtual void OnFailed(const Error& why) = 0;
  };

  // Bytes that wait for the socket.
  static constexpr size_t kOutputWindow = 64 * 1024;
  // A round of the loop reads about so many bytes, by so many calls: a peer
  // that sends without a pause leaves the loop to others, however much is
  // granted.
  static constexpr size_t kInputAtOnce = 256 * 1024;
  static constexpr int kReceivesAtOnce = 32;

  // `socket` is connected and non-blocking; `tls` is nullptr, or a session that
  // has just begun. A handshake has `handshake_limit`. `loop` and `owner`
  // outlive the connection.
  RawConnection(EventLoop& loop, base::Fd socket,
                std::unique_ptr<TlsSession> tls, Owner& owner,
                std::chrono::milliseconds handshake_limit);
  ~RawConnection() override;

  // Numeric, "127.0.0.1:80" or "[::1]:80"; empty when the peer has gone.
  std::string LocalAddress() const;
  std::string RemoteAddress() const;

  // The owner takes `bytes` more.
  void Grant(uint64_t bytes);
  // The owner takes no more, and is told of the peer's end only: what comes is
  // passed over undecrypted, so that a peer which goes on costs little.
  // Requires: not within a handshake, and none follows.
  void DropInput();
  // How many bytes Write() takes now; none during a handshake.
  size_t room() const;
  // Requires: bytes.size() <= room(), and End() was not called.
  void Write(std::string_view bytes);
  // Nothing follows what was written. Requires: not within a handshake.
  void End();
  // Whether all that was written is with the socket, and the end too.
  bool all_sent() const {
    return failure_.has_value() || (stream_.unsent() == 0 && !end_waits());
  }
  // Goes on through TLS; bytes in the clear that were not handed out yet count
  // as the peer's part of the handshake. Requires: in the clear until here.
  void StartTls(std::unique_ptr<TlsSession> tls);

 private:
  bool end_waits() const { return ended_ && !stream_.end_sent(); }
  void OnEvents(uint32_t events) override;
  void PumpSoon();
  void Pump();
  // False: `this` may be destroyed.
  bool PumpInput();
  bool TellSecured();
  void Fail(const Error& why);
  void FailSoon(const Status& status);
  Status UpdateWatch();
  void ArmHandshakeTimer();

  EventLoop& loop_;
  ClientStream stream_;
  Owner& owner_;
  const std::chrono::milliseconds handshake_limit_;
  const std::shared_ptr<char> alive_ = std::make_shared<char>();
  EventLoop::TimerId pump_timer_;
  EventLoop::TimerId handshake_timer_;
  std::optional<Error> failure_;
  uint32_t watched_ = 0;  // EPOLL* bits; 0: not watched
  uint64_t credit_ = 0;   // granted and not used
  bool securing_ = false;
  bool drops_input_ = false;
  bool ended_ = false;       // by End()
  bool peer_ended_ = false;  // and the owner knows
  bool owes_room_ = false;   // the owner waits for OnRoom()
};

}  // namespace caravel::net
