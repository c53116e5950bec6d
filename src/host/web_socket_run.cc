// Tests: web_socket_run_test.cc, tests/e2e/websocket*.e2e.ts.
#include "host/web_socket_run.h"

#include <algorithm>
#include <utility>

namespace caravel::host {

using Kind = net::WebSocketEvent::Kind;

WebSocketRun::WebSocketRun(
    WebSocketRoom& room, runtime::WebSocketId id, net::WebSocketRole role,
    std::optional<net::WebSocketDeflateParameters> deflate,
    Connection& connection)
    : room_(room),
      id_(id),
      connection_(connection),
      session_(role, deflate),
      waiting_(room.owner().waiting_bytes(), kWindow) {
  room_.Add(id_, *this);
}

WebSocketRun::~WebSocketRun() {
  room_.owner().loop().Cancel(timer_);
  room_.owner().loop().Cancel(message_timer_);
  room_.Remove(id_);
  room_.CountArriving(arriving_, 0);
  room_.CountUnsent(unsent_held_, 0);
  room_.owner().waiting_bytes() -= held_;
}

void WebSocketRun::Send(bool text, std::string_view message) {
  if (gone_) return;
  session_.Send(text, message);
  Flush();
}

void WebSocketRun::Close(std::optional<uint16_t> code,
                         std::string_view reason) {
  if (gone_) return;
  if (!std::exchange(accepted_, true)) session_.DropMessages();
  session_.Close(code, reason);
  closing_ = true;
  Flush();
}

void WebSocketRun::StartReading() {
  accepted_ = true;
  Flush();
}

void WebSocketRun::OnTurn() {
  turn_awaited_ = false;
  delivered_ = 0;
  Flush();
}

void WebSocketRun::Leave() {
  left_ = true;
  session_.DropMessages();
  if (gone_) return;
  session_.Close(net::kWebSocketGoingAway, "");
  Read(std::exchange(unread_, {}));
  AwaitEnd();
  Flush();
}

void WebSocketRun::OnBytes(std::string_view bytes) {
  if (gone_ || ended_) return;
  taken_ += bytes.size();
  if (unread_.empty() && !IsHeld()) {
    Read(bytes);
  } else {
    unread_ += bytes;
    Count();
  }
  room_.owner().FlushLater(id_);
}

void WebSocketRun::Read(std::string_view bytes) {
  // What a session that drops messages has read is all.
  const size_t enough =
      left_ ? SIZE_MAX : kWindow - std::min<size_t>(kWindow, delivered_);
  bytes.remove_prefix(session_.Receive(bytes, events_, enough, Room()));
  unread_ = bytes;
  DeliverAll();
  Count();
  room_.RelieveArriving();
  AwaitMessage();
}

size_t WebSocketRun::Room() const {
  constexpr size_t kMost =
      WebSocketRoom::kMostArriving + WebSocketRoom::kMostInflatedAhead;
  return std::max(kMost - std::min(kMost, room_.arriving()),
                  2 * kWindow - std::min<size_t>(2 * kWindow, arriving_));
}

void WebSocketRun::DeliverAll() {
  for (net::WebSocketEvent& event : events_) Deliver(event);
  events_.clear();
}

void WebSocketRun::Deliver(net::WebSocketEvent& event) {
  if (event.kind == Kind::kFailed) return DeliverEnd(std::move(event.bytes));
  if (left_ || told_end_) return;
  if (event.kind == Kind::kClose) {
    room_.owner().Deliver(runtime::WebSocketClosed{
        id_, event.code, std::move(event.bytes), true});
    return;
  }
  delivered_ += event.bytes.size();
  room_.owner().Deliver(runtime::WebSocketMessage{
      id_, event.kind == Kind::kText, std::move(event.bytes)});
  if (!std::exchange(turn_awaited_, true)) room_.TellTurn(id_);
}

void WebSocketRun::DeliverEnd(std::string reason) {
  if (left_ || std::exchange(told_end_, true)) return;
  room_.owner().Deliver(runtime::WebSocketClosed{id_, net::kWebSocketAbnormal,
                                                 std::move(reason), false});
}

// May come within a call of an exchange, and of another WebSocket: what is to
// be said to the peer waits for Flush().
void WebSocketRun::Refuse(std::string why) {
  session_.Close(net::kWebSocketTryAgainLater, why);
  DeliverEnd(std::move(why));
  left_ = true;
  AwaitEnd();
  session_.DropMessages();
  session_.Receive(std::exchange(unread_, {}), events_);
  DeliverAll();
  Count();
  room_.owner().FlushLater(id_);
}

// A timer runs on when its message is whole, and then sees that: so a peer
// whose messages come in pieces sets one now and then, not one for each.
void WebSocketRun::AwaitMessage() {
  if (!listens() || !session_.in_message() ||
      message_timer_ != net::EventLoop::TimerId()) {
    return;
  }
  message_timer_ = room_.owner().loop().After(
      kMessageTimeout, [this, number = session_.messages_begun()] {
        message_timer_ = {};
        const bool same =
            session_.in_message() && session_.messages_begun() == number;
        if (listens() && same && taken_ == 0) {
          return Refuse("a message took too long to arrive");
        }
        AwaitMessage();
      });
}

void WebSocketRun::OnGone() {
  if (std::exchange(gone_, true)) return;
  room_.owner().loop().Cancel(timer_);
  timer_ = {};
  waiting_.Clear();
  std::string().swap(session_.Output());
  // No turn is waited for any more, so what is left may make one message.
  session_.Receive(std::exchange(unread_, {}), events_, SIZE_MAX,
                   std::min(Room(), net::WebSocketSession::kMaxMessage));
  DeliverAll();
  Count();
  if (!session_.over()) DeliverEnd("the connection was lost");
}

bool WebSocketRun::IsHeld() const {
  if (left_) return false;
  if (!accepted_) return true;
  if (other_ == 0) return false;
  const WebSocketRun* other = room_.Find(other_);
  return other != nullptr && other->is_full();
}

void WebSocketRun::Flush() {
  if (gone_ || ended_) return Count();
  if (!turn_awaited_ && !unread_.empty() && !IsHeld()) {
    Read(std::exchange(unread_, {}));
  }
  uint64_t& credit = connection_.SendCredit();
  while (true) {
    if (waiting_.empty() && session_.HasOutput()) {
      waiting_.Append(std::exchange(session_.Output(), {}));
    }
    const std::string_view now = waiting_.Take(credit);
    if (now.empty()) break;
    connection_.SendBytes(now);
    waiting_.Release();
  }
  // What was sent before the Close frame has the time that the peer takes for
  // it.
  if (closing_ && waiting_.empty() && !session_.HasOutput()) AwaitEnd();
  Count();
  if (taken_ > 0 && (left_ || (!turn_awaited_ && !IsHeld()))) {
    connection_.GrantBytes(std::exchange(taken_, 0));
  }
  if (session_.over() && waiting_.empty()) {
    ended_ = true;
    AwaitEnd();
    connection_.EndBytes();
  }
  room_.RelieveUnsent();
}

void WebSocketRun::Count() {
  const size_t arriving =
      session_.message_bytes() + delivered_ + unread_.size();
  room_.CountArriving(std::exchange(arriving_, arriving), arriving);
  const size_t unsent =
      gone_ ? 0 : waiting_.counted() + session_.output_bytes();
  room_.CountUnsent(std::exchange(unsent_held_, unsent), unsent);
  // Windows of compression, and what was not even begun to be sent.
  room_.owner().waiting_bytes() -= held_;
  held_ = session_.memory_bytes() - session_.message_bytes() +
          session_.output_bytes();
  room_.owner().waiting_bytes() += held_;
  const size_t waits = gone_ ? 0 : waiting_.size() + session_.output_size();
  if (std::exchange(full_, waits > kWindow) && !full_ && other_ != 0) {
    room_.owner().FlushLater(other_);
  }
  if (waits != unsent_told_ && !std::exchange(telling_unsent_, true)) {
    room_.TellUnsent(id_);
  }
}

size_t WebSocketRun::TellUnsent() {
  telling_unsent_ = false;
  unsent_told_ = gone_ ? 0 : waiting_.size() + session_.output_size();
  return unsent_told_;
}

void WebSocketRun::CutForRoom() {
  DeliverEnd("the peer takes less than is sent to it");
  connection_.CutBytes();
}

void WebSocketRun::AwaitEnd() {
  if (timer_ != net::EventLoop::TimerId()) return;
  timer_ = room_.owner().loop().After(kCloseTimeout, [this] {
    timer_ = {};
    connection_.CutBytes();
  });
}

}  // namespace caravel::host
