#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/waiting_bytes.h"
#include "host/web_socket_room.h"
#include "net/event_loop.h"
#include "net/websocket_session.h"
#include "runtime/inbox.h"

namespace caravel::host {

// A WebSocket as its shard sees it: the frames, between an exchange that
// carries their bytes and an isolate that sees whole messages. It knows the
// isolate by the number that both call it only.
//
// Nothing is read before the Worker accepts the WebSocket: a window waits as it
// came. From then on the peer may send on when a turn has had what it sent,
// and, where that goes on to another WebSocket, when that one's peer has taken
// it but for a window: so what waits in the inbox is a window, or one message,
// and nothing waits in the isolate. What the peer does not read counts against
// the isolate's memory limit; a message that is not whole yet does not. Both
// have a room that all WebSockets of the slot share. Compressed bytes become
// messages only within that room, and beyond a window of messages only when a
// turn has had them: until then they stay as they came.
//
// Threads: the one that drives the shard. Owned by its exchange's side.
class WebSocketRun {
 public:
  // The exchange, as it takes and gives bytes.
  class Connection {
   public:
    virtual ~Connection() = default;
    // How much may be sent now; the run takes off what it sends.
    virtual uint64_t& SendCredit() = 0;
    virtual void SendBytes(std::string_view bytes) = 0;
    virtual void GrantBytes(uint64_t bytes) = 0;
    // All is said: the connection ends, and OnGone() may follow.
    virtual void EndBytes() = 0;
    // The same at once: OnGone() follows.
    virtual void CutBytes() = 0;
  };

  // Bytes that the peer may send before a turn has had what came before.
  static constexpr uint64_t kWindow = 64 * 1024;
  // How long a message may take to be whole while its peer may send.
  static constexpr std::chrono::minutes kMessageTimeout{5};
  // How long a peer may take to answer a Close frame that it has been sent, or
  // to hang up.
  static constexpr std::chrono::seconds kCloseTimeout{10};

  // `room` and `connection` outlive this.
  WebSocketRun(WebSocketRoom& room, runtime::WebSocketId id,
               net::WebSocketRole role,
               std::optional<net::WebSocketDeflateParameters> deflate,
               Connection& connection);
  ~WebSocketRun();
  WebSocketRun(const WebSocketRun&) = delete;
  WebSocketRun& operator=(const WebSocketRun&) = delete;

  // ---- from the isolate ----
  void Send(bool text, std::string_view message);
  void Close(std::optional<uint16_t> code, std::string_view reason);
  // The Worker accepted it.
  void StartReading();
  // A turn has had what was delivered before it.
  void OnTurn();
  // The isolate has ended its side: nobody sends or listens any more.
  void Leave();

  // ---- from the room ----
  // Memory of what the peer has not taken.
  size_t unsent_held() const { return unsent_held_; }
  // Bytes of that, for the isolate, which knows them from here on.
  size_t TellUnsent();
  // What arrives goes on to `other`: the peer may send on as that one is taken.
  void PassOnTo(runtime::WebSocketId other) { other_ = other; }
  // More than a window waits for the peer.
  bool is_full() const { return full_; }
  // Memory of what has arrived and had no turn, or is not whole.
  size_t arriving_held() const { return arriving_; }
  // The isolate is told of what arrives.
  bool listens() const { return !left_ && !gone_; }
  // Takes no more: the peer is closed with 1013, and the isolate hears `why`.
  void Refuse(std::string why);
  // The peer is cut off for all that it does not take.
  void CutForRoom();

  // ---- from the exchange: calls nothing of the connection ----
  void OnBytes(std::string_view bytes);
  void OnGone();

  // Passes on what waits.
  void Flush();

 private:
  // Makes messages of bytes; what is too early for this turn is left unread.
  void Read(std::string_view bytes);
  // How much may be inflated.
  size_t Room() const;
  void DeliverAll();
  void Deliver(net::WebSocketEvent& event);
  // Tells the isolate that no more comes.
  void DeliverEnd(std::string reason);
  void Count();
  // Nobody takes what arrives yet, or for the moment.
  bool IsHeld() const;
  void AwaitEnd();
  void AwaitMessage();

  WebSocketRoom& room_;
  const runtime::WebSocketId id_;
  Connection& connection_;
  net::WebSocketSession session_;
  std::vector<net::WebSocketEvent> events_;
  WaitingBytes waiting_;  // taken out of the session, beyond the credit
  std::string unread_;    // by the session: at most a window
  uint64_t taken_ = 0;    // bytes of the peer, not granted anew yet
  size_t delivered_ = 0;  // bytes of messages that had no turn yet
  bool turn_awaited_ = false;
  runtime::WebSocketId other_ = 0;  // what arrives goes on to; 0: none
  bool accepted_ = false;
  bool full_ = false;
  bool told_end_ = false;  // the isolate knows that nothing more comes
  bool left_ = false;
  bool closing_ = false;  // the Worker closes: the peer is to answer
  bool ended_ = false;    // EndBytes() was called
  bool gone_ = false;
  size_t arriving_ = 0;     // what is counted in the room
  size_t unsent_held_ = 0;  // the same
  size_t held_ = 0;         // the same in the waiting bytes of its owner
  size_t unsent_told_ = 0;  // what the isolate knows of
  bool telling_unsent_ = false;
  net::EventLoop::TimerId timer_;
  net::EventLoop::TimerId message_timer_;
};

}  // namespace caravel::host
