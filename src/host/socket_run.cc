#include "host/socket_run.h"

#include <algorithm>
#include <utility>

#include "host/slot.h"

namespace caravel::host {

SocketRun::SocketRun(Slot& slot, RawConnections& connections,
                     runtime::SocketId id)
    : slot_(slot),
      connections_(connections),
      id_(id),
      waiting_(slot.waiting_bytes(), 0) {}

SocketRun::~SocketRun() { Leave(); }

void SocketRun::Open(const std::string& worker, const std::string& host,
                     uint16_t port, bool tls) {
  if (tls) tls_at_once_ = host;
  secured_ = tls;
  number_ = connections_.Open(
      worker, host, port,
      [this, alive = std::weak_ptr(alive_)](Result<base::Fd> socket) {
        if (!alive.expired()) OnConnected(std::move(socket));
      });
}

void SocketRun::OnConnected(Result<base::Fd> socket) {
  if (over_) return;
  if (!socket) return Finish(socket.error().message());
  std::unique_ptr<net::TlsSession> session;
  const bool tls = tls_at_once_.has_value();
  if (tls) {
    Result<std::unique_ptr<net::TlsSession>> made =
        connections_.NewTlsSession(*std::exchange(tls_at_once_, std::nullopt));
    if (!made) return Finish(made.error().message());
    session = std::move(*made);
  }
  connection_ = std::make_unique<net::RawConnection>(
      slot_.loop(), std::move(*socket), std::move(session), *this,
      kHandshakeLimit);
  connection_->Grant(kInputWindow + std::exchange(granted_early_, 0));
  waiting_.set_window(kOutputWindow);
  if (!tls) {
    TellOpened();
    Flush();
  }
}

void SocketRun::TellOpened() {
  if (closing_) return;
  slot_.Deliver(runtime::SocketOpened{id_, connection_->LocalAddress(),
                                      connection_->RemoteAddress()});
}

void SocketRun::Write(std::string bytes) {
  if (over_) return;
  waiting_.Append(std::move(bytes));
  Flush();
}

void SocketRun::End() {
  if (over_) return;
  end_waiting_ = true;
  Flush();
}

void SocketRun::Close() {
  if (over_) return;
  closing_ = true;
  drops_input_ = true;
  if (connection_ == nullptr || (waiting_.empty() && connection_->all_sent())) {
    return Finish({});
  }
  linger_timer_ = slot_.loop().After(kLinger, [this] { Finish({}); });
  if (!end_sent_) end_waiting_ = true;
  PassOverInput();
  Flush();
}

void SocketRun::StartTls(runtime::SocketId id, std::string host) {
  id_ = id;
  if (over_) {  // it failed meanwhile, under its former number
    slot_.Deliver(runtime::SocketClosed{id_, "the connection is closed"});
    return;
  }
  if (std::exchange(secured_, true)) {
    return Finish("TLS has begun on the connection already");
  }
  if (peer_ended_ || end_waiting_ || end_sent_) {
    return Finish("the connection was ended before the TLS handshake");
  }
  tls_ = std::move(host);
  drops_input_ = false;  // that was of what came in the clear
  waiting_.SetBarrier();
  Flush();
}

void SocketRun::DropInput() {
  if (std::exchange(drops_input_, true)) return;
  PassOverInput();
}

void SocketRun::PassOverInput() {
  if (over_) return;
  if (established_) {
    connection_->DropInput();
  } else {
    GrantDelivered();
  }
}

void SocketRun::GrantDelivered() {
  if (connection_ == nullptr) return;
  connection_->Grant(std::exchange(delivered_, 0));
}

void SocketRun::Grant(uint64_t bytes) {
  if (over_) return;
  delivered_ -= std::min(bytes, delivered_);
  if (connection_ == nullptr) {
    granted_early_ += bytes;
  } else {
    connection_->Grant(bytes);
  }
}

void SocketRun::Flush() {
  if (over_ || connection_ == nullptr) return;
  while (!waiting_.spent()) {
    uint64_t room = connection_->room();
    const std::string_view now = waiting_.Take(room);
    if (now.empty()) break;
    connection_->Write(now);
    // Credit for what was written under the former number is nobody's.
    if (!closing_ && !tls_) {
      slot_.Deliver(runtime::SocketCredit{id_, now.size()});
    }
    waiting_.Release();
  }
  if (!waiting_.spent()) return;
  if (tls_) {
    if (connection_->room() == 0) return;
    Result<std::unique_ptr<net::TlsSession>> session =
        connections_.NewTlsSession(*std::exchange(tls_, std::nullopt));
    if (!session) return Finish(session.error().message());
    waiting_.LiftBarrier();  // a connection has no room in a handshake
    connection_->StartTls(std::move(*session));
    // What came under the former number nobody takes any more.
    GrantDelivered();
    return;
  }
  if (end_waiting_ && connection_->room() > 0) {
    end_waiting_ = false;
    end_sent_ = true;
    connection_->End();
  }
  const bool done = closing_ ? !end_waiting_ : end_sent_ && peer_ended_;
  if (done && connection_->all_sent()) Finish({});
}

void SocketRun::OnSecured() {
  if (over_) return;
  established_ = true;
  if (drops_input_) PassOverInput();
  TellOpened();
  Flush();
}

void SocketRun::OnBytes(std::string_view bytes) {
  if (over_) return;
  if (tls_) return Finish("bytes in the clear came before the TLS handshake");
  if (drops_input_) {
    connection_->Grant(bytes.size());
  } else {
    if (!secured_) delivered_ += bytes.size();
    slot_.OnBody(id_, bytes, false);
  }
}

void SocketRun::OnEnd() {
  if (over_) return;
  peer_ended_ = true;
  if (tls_) return Finish("the peer ended before the TLS handshake");
  if (!drops_input_) slot_.OnBody(id_, {}, true);
  Flush();
}

void SocketRun::OnRoom() { Flush(); }

void SocketRun::OnFailed(const Error& why) { Finish(why.message()); }

// The connection is closed here and told of; who calls may be a call of it, so
// it is destroyed with this, by the slot's next step.
void SocketRun::Finish(std::string_view why) {
  if (std::exchange(over_, true)) return;
  waiting_.Clear();
  if (!closing_) {
    if (!why.empty() && !peer_ended_ && !drops_input_) {
      slot_.OnBodyFailed(id_, why);
    }
    slot_.Deliver(runtime::SocketClosed{id_, std::string(why)});
  }
  slot_.ForgetSocket(id_);
}

void SocketRun::Leave() {
  slot_.loop().Cancel(linger_timer_);
  if (number_ != 0) connections_.Close(std::exchange(number_, 0));
}

}  // namespace caravel::host
