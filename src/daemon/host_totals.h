#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "base/metrics.h"
#include "daemon/host_port.h"
#include "registry/host_protocol.h"

namespace caravel::daemon {

// What all hosts have counted, also those that are gone: so that a counter
// never falls when a host dies. What a host says of itself is not trusted
// further than its own figures: lists of a wrong length are dropped.
//
// A value type for one thread.
class HostTotals {
 public:
  void Update(const HostPort& host, registry::HostStats stats);
  void Leave(const HostPort& host);

  // The last figures of a host; zeros before the first.
  registry::HostStats LastOf(std::string_view host_id) const;

  static uint64_t RequestsOf(const registry::HostStats& stats);

  // Adds requests, times, cold starts, isolates and connections.
  void AddTo(base::MetricsPage& page) const;

 private:
  struct Sums {
    std::map<std::string, uint64_t> requests;
    std::array<uint64_t, base::kCpuBoundsUs.size() + 1> cpu{};
    std::array<uint64_t, base::kWallBoundsUs.size() + 1> wall{};
    uint64_t cpu_us = 0;
    uint64_t wall_us = 0;
    uint64_t cold_starts = 0;
    void Add(const registry::HostStats& stats);
  };

  Sums gone_;
  std::map<std::string, registry::HostStats, std::less<>> last_;
};

}  // namespace caravel::daemon
