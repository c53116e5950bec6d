#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "net/event_loop.h"
#include "registry/published.h"

namespace caravel::daemon {

// Versions that hosts hold back (registry::HoldVersions), since a call of them
// could not be ended: such a call costs a shard, with all requests there. The
// first time a version is held for ten seconds, then each time for twice as
// long, an hour at most; one that stayed well for an hour begins anew.
//
// Threads: the one that drives the loop.
class HeldVersions {
 public:
  // `changed` is called from the loop when a version is held no longer.
  HeldVersions(net::EventLoop& loop, std::function<void()> changed);
  ~HeldVersions();
  HeldVersions(const HeldVersions&) = delete;
  HeldVersions& operator=(const HeldVersions&) = delete;

  // Holds it from now on; for how long. Nothing where it is held already, and
  // stays so: what was running then may end as badly as what it is held for.
  std::optional<std::chrono::seconds> Hold(const registry::VersionId& version);

  // Which are held.
  std::vector<registry::VersionId> Current() const;

 private:
  struct Record {
    std::chrono::seconds span{0};  // of the last time
    base::SteadyTime until{};
  };

  void Release();
  void Arm();

  net::EventLoop& loop_;
  const std::function<void()> changed_;
  std::map<registry::VersionId, Record> records_;
  net::EventLoop::TimerId timer_;
};

}  // namespace caravel::daemon
