#pragma once

#include <memory>
#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "net/channel.h"
#include "net/event_loop.h"
#include "net/relay.h"

namespace caravel::net {

// A transport over a channel of its own, to another process. A message that is
// larger than a packet travels in several, each with a byte in front that tells
// whether more follow. A peer whose packets do not make messages loses the
// channel.
//
// Threads: the one that drives the loop.
class RelayChannel final : public RelayTransport, private Channel::Handler {
 public:
  // `loop` outlives the transport. Nothing is received before its next round.
  static Result<std::unique_ptr<RelayChannel>> Create(EventLoop& loop,
                                                      base::Fd socket);
  ~RelayChannel() override;

  void Attach(RelayReceiver* receiver) override { receiver_ = receiver; }
  void Send(RelayMessage message) override;

 private:
  RelayChannel() = default;
  void OnPacket(Packet packet) override;
  void OnClosed(const Error& why) override;

  RelayReceiver* receiver_ = nullptr;
  std::unique_ptr<Channel> channel_;
  std::string assembled_;
};

}  // namespace caravel::net
