#include "daemon/host_totals.h"

namespace caravel::daemon {
namespace {

// Outcomes of the host protocol; a host could make up any number of others.
constexpr std::string_view kOutcomes[] = {
    "ok", "exception", "exceededCpu", "exceededMemory", "canceled", "held"};

bool IsOutcome(std::string_view text) {
  return std::find(std::begin(kOutcomes), std::end(kOutcomes), text) !=
         std::end(kOutcomes);
}

template <size_t kSize>
void AddAll(const std::vector<uint64_t>& counts,
            std::array<uint64_t, kSize>& sums) {
  if (counts.size() != kSize) return;
  for (size_t i = 0; i < kSize; ++i) sums[i] += counts[i];
}

}  // namespace

void HostTotals::Sums::Add(const registry::HostStats& stats) {
  for (const auto& [outcome, count] : stats.requests_by_outcome) {
    requests[IsOutcome(outcome) ? outcome : "unknown"] += count;
  }
  AddAll(stats.cpu_us_buckets, cpu);
  AddAll(stats.wall_us_buckets, wall);
  cpu_us += stats.cpu_us_sum;
  wall_us += stats.wall_us_sum;
  cold_starts += stats.cold_starts;
}

void HostTotals::Update(const HostPort& host, registry::HostStats stats) {
  last_.insert_or_assign(host.id(), std::move(stats));
}

void HostTotals::Leave(const HostPort& host) {
  const auto found = last_.find(host.id());
  if (found == last_.end()) return;
  gone_.Add(found->second);
  last_.erase(found);
}

registry::HostStats HostTotals::LastOf(std::string_view host_id) const {
  const auto found = last_.find(host_id);
  return found == last_.end() ? registry::HostStats() : found->second;
}

uint64_t HostTotals::RequestsOf(const registry::HostStats& stats) {
  uint64_t sum = 0;
  for (const auto& [outcome, count] : stats.requests_by_outcome) sum += count;
  return sum;
}

void HostTotals::AddTo(base::MetricsPage& page) const {
  Sums sums = gone_;
  uint64_t isolates = 0;
  uint64_t connections = 0;
  for (const auto& [id, stats] : last_) {
    sums.Add(stats);
    isolates += stats.isolates;
    connections += stats.connections;
  }
  for (const auto& [outcome, count] : sums.requests) {
    page.Add(base::metric::kRequests, count, outcome);
  }
  page.AddHistogram(base::metric::kCpu, base::kCpuBoundsUs, sums.cpu,
                    sums.cpu_us);
  page.AddHistogram(base::metric::kWall, base::kWallBoundsUs, sums.wall,
                    sums.wall_us);
  page.Add(base::metric::kColdStarts, sums.cold_starts);
  page.Add(base::metric::kIsolates, isolates);
  page.Add(base::metric::kConnections, connections);
}

}  // namespace caravel::daemon
