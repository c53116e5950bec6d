#pragma once

#include <memory>
#include <optional>

#include "base/clock.h"
#include "net/event_loop.h"
#include "net/relay.h"

namespace caravel::net {

// One of two connected transports between event loops of one process, each
// driven by a thread of its own. What is sent in one round arrives together.
//
// Threads: the one that drives its own loop. Both loops outlive both mailboxes.
class RelayMailbox final : public RelayTransport {
 public:
  struct Pair;
  static Pair Connect(EventLoop& first, EventLoop& second);
  // The other one's receiver is told.
  ~RelayMailbox() override;

  void Attach(RelayReceiver* receiver) override;
  void Send(RelayMessage message) override;

  // Since when the other loop has not come round to what was sent; nothing when
  // it has taken all of it.
  std::optional<base::SteadyTime> untaken_since() const;

 private:
  struct Port;
  RelayMailbox(std::shared_ptr<Port> own, std::shared_ptr<Port> other);

  const std::shared_ptr<Port> own_;
  const std::shared_ptr<Port> other_;
};

struct RelayMailbox::Pair {
  std::unique_ptr<RelayMailbox> first;   // on the first loop
  std::unique_ptr<RelayMailbox> second;  // on the second
};

}  // namespace caravel::net
