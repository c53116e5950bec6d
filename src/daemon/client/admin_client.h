#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "daemon/client/admin_protocol.h"
#include "daemon/client/data_folder.h"
#include "net/channel.h"
#include "net/event_loop.h"

namespace caravel::daemon {

// One conversation of the command line with a running caraveld. Blocking.
// Threads: one.
class AdminClient final : private net::Channel::Handler {
 public:
  // kNotFound: Caravel is not up on that folder.
  static Result<std::unique_ptr<AdminClient>> Connect(const DataFolder& folder);

  void Send(const ToAdmin& message);

  // The next message. kUnavailable: none within `limit` (negative: no limit),
  // or caraveld has ended. A Refused comes back as the Error that it carries.
  Result<FromAdmin> Receive(std::chrono::milliseconds limit);

  // False: the conversation is over, and what has not been received is lost.
  bool connected() const { return !closed_.has_value(); }

 private:
  AdminClient() = default;
  void OnPacket(net::Packet packet) override;
  void OnClosed(const Error& why) override;

  base::SystemClock clock_;
  std::unique_ptr<net::EventLoop> loop_;
  std::unique_ptr<net::Channel> channel_;
  std::deque<net::Packet> received_;
  std::optional<Error> closed_;
};

}  // namespace caravel::daemon
