#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/lifetime.h"
#include "host/placement.h"
#include "net/event_loop.h"
#include "net/exchange.h"
#include "net/relay.h"
#include "net/relay_mailbox.h"

namespace caravel::host {

// The ways from one shard to the others of its process: requests go over as
// values by mailbox (net/relay.h), in both directions of each pair.
//
// Threads: ConnectAll() before any of the loops is driven; To() and LoadOf()
// from the thread that drives the shard; the destructor from that one, or when
// no loop is driven any more and all of them are still there.
class Neighbours {
 public:
  // A shard, as the others see it. Both outlive its Neighbours.
  struct Place {
    net::EventLoop& loop;
    net::Target& target;  // of what others pass on
  };
  // One for each place, in their order.
  static std::vector<std::unique_ptr<Neighbours>> ConnectAll(
      const std::vector<Place>& places);
  ~Neighbours();

  // Where a request to the shard of that number goes. Requires: another one.
  net::Target& To(size_t shard) CARAVEL_LIFETIME_BOUND;
  // What it has to do of what was passed on to it. Requires: another one.
  HomeLoad LoadOf(size_t shard, base::SteadyTime now) const;

 private:
  // One direction to or from one other shard.
  struct Out;
  struct In;

  Neighbours();

  std::vector<std::unique_ptr<Out>> out_;  // by number; none to itself
  std::vector<std::unique_ptr<In>> in_;
};

}  // namespace caravel::host
