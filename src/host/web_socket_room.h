#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/lifetime.h"
#include "net/event_loop.h"
#include "runtime/inbox.h"

namespace caravel::host {

class WebSocketRun;

// What the WebSockets of one slot share: the room for what is sent and not
// taken by its peer, and for what arrives and had no turn. Where there is no
// more of it, who holds most loses its WebSocket: so a peer that reads nothing,
// or that begins messages and does not end them, takes no room from others.
//
// Threads: the one that drives the shard.
class WebSocketRoom {
 public:
  // The slot, as its WebSockets need it.
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual net::EventLoop& loop() = 0;
    // What counts against the isolate's memory limit.
    virtual size_t& waiting_bytes() = 0;
    virtual void Deliver(runtime::InboxEntry entry) = 0;
    // Has Flush() of the WebSocket called, outside of calls of an exchange.
    virtual void FlushLater(int32_t id) = 0;
  };

  // Memory of what peers have not taken, of all WebSockets, which is up to
  // twice its bytes: half of what an isolate may have waiting, so that answers
  // and fetches find the other half.
  static constexpr size_t kMostUnsent = size_t{64} * 1024 * 1024;
  // Bytes of messages that are not whole, or have had no turn.
  static constexpr size_t kMostArriving = size_t{64} * 1024 * 1024;
  // What may be inflated of one window beyond that, before there is room again.
  static constexpr size_t kMostInflatedAhead = size_t{16} * 1024 * 1024;

  // `owner` outlives this.
  explicit WebSocketRoom(Owner& owner) : owner_(owner) {}
  WebSocketRoom(const WebSocketRoom&) = delete;
  WebSocketRoom& operator=(const WebSocketRoom&) = delete;

  Owner& owner() const CARAVEL_LIFETIME_BOUND { return owner_; }
  // nullptr when it is gone.
  WebSocketRun* Find(runtime::WebSocketId id) const;
  size_t arriving() const { return arriving_; }

  // ---- from the WebSockets ----
  void Add(runtime::WebSocketId id, WebSocketRun& run) { runs_[id] = &run; }
  void Remove(runtime::WebSocketId id) { runs_.erase(id); }
  // What one of them holds has become `now` instead of `before`.
  void CountUnsent(size_t before, size_t now) { unsent_ += now - before; }
  void CountArriving(size_t before, size_t now) { arriving_ += now - before; }
  // Cuts off who is sent most, as long as there is too much. Not within a call
  // of an exchange.
  void RelieveUnsent();
  // Refuses what arrives from who has most of it, as long as there is too much;
  // nobody for what every WebSocket may have.
  void RelieveArriving();
  // Has OnTurn() called when a turn has had what was delivered up to here.
  void TellTurn(runtime::WebSocketId id) { told_.push_back(id); }
  // The isolate is to know by its next turn what waits.
  void TellUnsent(runtime::WebSocketId id) { changed_.push_back(id); }

  // ---- from the slot ----
  // What arrives on each of the two goes on to the other.
  void Join(runtime::WebSocketId one, runtime::WebSocketId two);
  // The turn that begins takes `inbox`.
  void BeginTurn(runtime::Inbox& inbox);
  // It is over, and what it asked for has been carried out.
  void EndTurn();

 private:
  Owner& owner_;
  boost::unordered_flat_map<runtime::WebSocketId, WebSocketRun*> runs_;
  size_t unsent_ = 0;
  size_t arriving_ = 0;
  std::vector<runtime::WebSocketId> told_;     // by the next turn
  std::vector<runtime::WebSocketId> in_turn_;  // by the running one
  std::vector<runtime::WebSocketId> changed_;  // what waits, since the last
};

}  // namespace caravel::host
