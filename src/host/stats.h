#pragma once

#include <cstdint>
#include <string_view>

#include "registry/host_protocol.h"

// What hosts count, for `/metrics`. HostStats says what each field is.
namespace caravel::host {

// A request that is over, in microseconds of CPU and wall time.
void CountRequest(registry::HostStats& stats, std::string_view outcome,
                  uint64_t cpu_us, uint64_t wall_us);

// A request that no Worker got: it took no time of any.
void CountRefusal(registry::HostStats& stats, std::string_view outcome);

// Adds one shard's counters to a sum over shards.
void AddStats(registry::HostStats& sum, const registry::HostStats& more);

}  // namespace caravel::host
