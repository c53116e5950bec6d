#include "daemon/host_link.h"

#include <sodium.h>

namespace caravel::daemon {
namespace {

bool SameSecret(const std::string& a, const std::string& b) {
  return a.size() == b.size() &&
         ::sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

Result<std::unique_ptr<HostLink>> HostLink::Dial(net::EventLoop& loop,
                                                 const HostRecord& record,
                                                 Owner& owner) {
  CARAVEL_TRY(base::Fd socket, net::ConnectUnix(record.socket));
  std::unique_ptr<HostLink> link(new HostLink(record, owner));
  CARAVEL_TRY(link->channel_,
              net::Channel::Create(loop, std::move(socket), *link));
  link->Send(registry::DaemonHello{record.key}, {});
  return link;
}

void HostLink::Send(const registry::ToHost& message,
                    std::vector<base::Fd> fds) {
  if (closed_) return;
  channel_->Send(registry::EncodeToHost(message, std::move(fds)));
}

void HostLink::OnPacket(net::Packet packet) {
  if (closed_) return;
  Result<registry::FromHost> message = registry::DecodeFromHost(packet.bytes);
  if (!message) {
    Break(message.error());
    return;
  }
  if (!has_hello_) {
    Status status = TakeHello(std::move(*message), std::move(packet.fds));
    if (!status) Break(status.error());
    return;
  }
  if (std::holds_alternative<registry::HostHello>(*message)) {
    Break(Error(ErrorCode::kInvalid, "the host said hello twice"));
    return;
  }
  owner_.OnMessage(std::move(*message), std::move(packet.fds));
}

Status HostLink::TakeHello(registry::FromHost message,
                           std::vector<base::Fd> fds) {
  auto* hello = std::get_if<registry::HostHello>(&message);
  if (hello == nullptr) {
    return Error(ErrorCode::kDenied, "the host spoke before its hello");
  }
  if (!SameSecret(hello->key, key_)) {
    return Error(ErrorCode::kDenied, "the host does not know its key");
  }
  if (hello->listeners != fds.size()) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("the host announced {} listeners and sent {}",
                             hello->listeners, fds.size()));
  }
  has_hello_ = true;
  owner_.OnHello(std::move(*hello), std::move(fds));
  return {};
}

void HostLink::OnClosed(const Error& why) { Break(why); }

void HostLink::Break(const Error& why) {
  if (std::exchange(closed_, true)) return;
  owner_.OnLinkClosed(why);
}

}  // namespace caravel::daemon
