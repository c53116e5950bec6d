#include "daemon/client/admin_client.h"

#include "daemon/client/run_info.h"

namespace caravel::daemon {

Result<std::unique_ptr<AdminClient>> AdminClient::Connect(
    const DataFolder& folder) {
  CARAVEL_TRY(FindRunning(folder));
  std::unique_ptr<AdminClient> client(new AdminClient());
  CARAVEL_TRY(client->loop_, net::EventLoop::Create(client->clock_));
  CARAVEL_TRY(base::Fd socket, net::ConnectUnix(folder.admin_socket()));
  CARAVEL_TRY(client->channel_,
              net::Channel::Create(*client->loop_, std::move(socket), *client));
  return client;
}

void AdminClient::Send(const ToAdmin& message) {
  channel_->Send(EncodeToAdmin(message));
}

Result<FromAdmin> AdminClient::Receive(std::chrono::milliseconds limit) {
  const base::SteadyTime deadline = clock_.Steady() + limit;
  while (received_.empty()) {
    if (closed_.has_value()) return closed_->Clone().In("caraveld");
    std::chrono::nanoseconds wait(-1);
    if (limit.count() >= 0) {
      wait = deadline - clock_.Steady();
      if (wait.count() <= 0) {
        return Error(ErrorCode::kUnavailable,
                     fmt::format("caraveld did not answer within {} ms",
                                 limit.count()))
            .Remedy(
                "its log may say why: logs/caraveld.log in the data folder");
      }
    }
    loop_->Poll(wait);
  }
  const net::Packet packet = std::move(received_.front());
  received_.pop_front();
  CARAVEL_TRY(FromAdmin message, DecodeFromAdmin(packet.bytes));
  if (auto* refused = std::get_if<Refused>(&message)) {
    return Error(ErrorCode::kInvalid, refused->message).Remedy(refused->remedy);
  }
  return message;
}

void AdminClient::OnPacket(net::Packet packet) {
  received_.push_back(std::move(packet));
}

void AdminClient::OnClosed(const Error& why) { closed_ = why.Clone(); }

}  // namespace caravel::daemon
