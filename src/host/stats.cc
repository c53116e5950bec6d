#include "host/stats.h"

#include <algorithm>
#include <vector>

#include "base/metrics.h"

namespace caravel::host {
namespace {

uint64_t& CountOf(registry::HostStats& stats, std::string_view outcome) {
  auto& outcomes = stats.requests_by_outcome;
  const auto known =
      std::find_if(outcomes.begin(), outcomes.end(),
                   [&](const auto& entry) { return entry.first == outcome; });
  if (known != outcomes.end()) return known->second;
  return outcomes.emplace_back(outcome, 0).second;
}

void AddInto(std::vector<uint64_t>& sum, const std::vector<uint64_t>& more) {
  sum.resize(std::max(sum.size(), more.size()));
  for (size_t i = 0; i < more.size(); ++i) sum[i] += more[i];
}

}  // namespace

void CountRequest(registry::HostStats& stats, std::string_view outcome,
                  uint64_t cpu_us, uint64_t wall_us) {
  ++CountOf(stats, outcome);
  stats.cpu_us_buckets.resize(base::kCpuBoundsUs.size() + 1);
  stats.wall_us_buckets.resize(base::kWallBoundsUs.size() + 1);
  ++stats.cpu_us_buckets[base::BucketOf(base::kCpuBoundsUs, cpu_us)];
  ++stats.wall_us_buckets[base::BucketOf(base::kWallBoundsUs, wall_us)];
  stats.cpu_us_sum += cpu_us;
  stats.wall_us_sum += wall_us;
}

void CountRefusal(registry::HostStats& stats, std::string_view outcome) {
  ++CountOf(stats, outcome);
}

void AddStats(registry::HostStats& sum, const registry::HostStats& more) {
  for (const auto& [outcome, count] : more.requests_by_outcome) {
    CountOf(sum, outcome) += count;
  }
  AddInto(sum.cpu_us_buckets, more.cpu_us_buckets);
  AddInto(sum.wall_us_buckets, more.wall_us_buckets);
  sum.cpu_us_sum += more.cpu_us_sum;
  sum.wall_us_sum += more.wall_us_sum;
  sum.cold_starts += more.cold_starts;
  sum.isolates += more.isolates;
  sum.connections += more.connections;
  sum.shards += more.shards;
}

}  // namespace caravel::host
