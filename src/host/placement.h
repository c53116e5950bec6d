#pragma once

#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "registry/published.h"

// On which shards a Worker has isolates (docs/decisions/home_shards.md): the
// first one on its home; a shard that passes many requests on gets one itself.
namespace caravel::host {

// The same for every shard of a process, whatever they have loaded.
size_t HomeShard(const registry::WorkerId& worker, size_t shards);

// The requests for one version that one shard has passed on to its home.
class PassedOn {
 public:
  // So many within a second, or so many that wait for the home at once (of any
  // Worker: a home that is kept busy by one should not hold up the others),
  // and the version is worth an isolate on the shard that passes them on.
  static constexpr uint32_t kBusy = 32;
  static constexpr size_t kWaiting = 16;

  // Another one, while `waiting` are at the home. True when the version is
  // busy; not again within the same second.
  bool Count(base::SteadyTime now, size_t waiting);

  // Nothing was passed on for a while: the count is worth nothing.
  bool IsStale(base::SteadyTime now) const;

 private:
  base::SteadyTime second_begin_{};
  uint32_t count_ = 0;
  bool told_ = false;
};

}  // namespace caravel::host
