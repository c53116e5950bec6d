#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "registry/host_protocol.h"

namespace caravel::host {

// Log events that wait for caraveld, within a number of bytes that accounts
// share, and within an account its Workers. An account may add while it holds
// no more than is free, so that a chatty one, alone, comes to half of them,
// however many Workers it has (the rule of net/fair_shares.h, by bytes). A
// Worker may add while it holds no more than its account may still add: alone
// it comes to a third of all, and its siblings share the rest of the half. What
// finds no room is dropped and counted for its Worker, whose log then tells it.
//
// A value type for one thread.
class HeldEvents {
 public:
  struct Event {
    registry::LogEvent event;
    size_t bytes;  // encoded
  };
  // What Take() gives.
  struct Batch {
    std::vector<Event>
        events;            // in order; behind them those that tell of drops
    uint64_t dropped = 0;  // of all Workers
  };

  // The outcome of an event that tells how many of a Worker's were dropped.
  static constexpr const char* kDroppedOutcome = "eventsDropped";

  explicit HeldEvents(size_t max_bytes) : free_(max_bytes) {}

  // `account` is that of the event's Worker.
  void Add(const registry::AccountId& account, registry::LogEvent event);
  // Counts an event that was taken and could not be sent.
  void CountDropped(const registry::LogEvent& event);
  // All that is held; nothing is then.
  Batch Take();
  // Nothing is held, and no drop is to be told.
  bool empty() const { return uses_.empty(); }

 private:
  struct Use {
    size_t bytes = 0;
    uint64_t dropped = 0;
    registry::VersionId version;  // of the last that was dropped
    double time_ms = 0;           // its start
  };

  size_t free_;
  std::vector<Event> events_;
  std::map<registry::WorkerId, Use> uses_;
  std::map<registry::AccountId, size_t> account_bytes_;
};

}  // namespace caravel::host
