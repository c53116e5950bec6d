#include "host/held_events.h"

#include <fmt/format.h>

#include <utility>

#include "base/codec.h"

namespace caravel::host {
namespace {

// What an event holds beside its encoded bytes, or so: also empty ones end.
constexpr size_t kEventCost = 512;

registry::LogEvent TellDropped(const registry::WorkerId& worker,
                               const registry::VersionId& version,
                               double time_ms, uint64_t dropped) {
  registry::LogEvent event;
  event.worker = worker;
  event.version = version;
  event.outcome = HeldEvents::kDroppedOutcome;
  event.time_ms = time_ms;
  event.logs.push_back(
      {"warn",
       fmt::format(
           R"(["{} log events of this Worker were dropped: it logs more )"
           R"(than its share of what a host passes on; log less"])",
           dropped),
       time_ms});
  return event;
}

}  // namespace

void HeldEvents::Add(const registry::AccountId& account,
                     registry::LogEvent event) {
  const size_t bytes = base::Encode(event).size();
  const size_t cost = bytes + kEventCost;
  Use& use = uses_[event.worker];
  size_t& account_bytes = account_bytes_[account];
  if (cost > free_ || account_bytes > free_ - cost ||
      use.bytes > free_ - cost - account_bytes) {
    return CountDropped(event);
  }
  free_ -= cost;
  account_bytes += cost;
  use.bytes += cost;
  events_.push_back({std::move(event), bytes});
}

void HeldEvents::CountDropped(const registry::LogEvent& event) {
  Use& use = uses_[event.worker];
  ++use.dropped;
  use.version = event.version;
  use.time_ms = event.time_ms;
}

HeldEvents::Batch HeldEvents::Take() {
  Batch batch{.events = std::exchange(events_, {}), .dropped = 0};
  account_bytes_.clear();
  for (const auto& [worker, use] : std::exchange(uses_, {})) {
    free_ += use.bytes;
    if (use.dropped == 0) continue;
    batch.dropped += use.dropped;
    registry::LogEvent told =
        TellDropped(worker, use.version, use.time_ms, use.dropped);
    const size_t bytes = base::Encode(told).size();
    batch.events.push_back({std::move(told), bytes});
  }
  return batch;
}

}  // namespace caravel::host
