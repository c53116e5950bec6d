#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

// What Caravel measures about itself, each declared once, and the page on which
// Prometheus reads it (text exposition format 0.0.4).
namespace caravel::base {

struct Metric {
  enum class Kind : unsigned char { kCounter, kGauge, kHistogram };

  std::string_view name;  // ends in its unit: _total, _seconds, _bytes
  Kind kind = Kind::kCounter;
  std::string_view help;
  std::string_view label = {};  // name of its label; empty: it has none
};

// Upper bounds of the histograms' buckets in microseconds; above the last one
// is a further bucket. Hosts count by them (registry::HostStats).
inline constexpr std::array<uint64_t, 12> kCpuBoundsUs = {
    50,    100,    250,    500,    1'000,   2'500,
    5'000, 10'000, 25'000, 50'000, 100'000, 1'000'000};
inline constexpr std::array<uint64_t, 14> kWallBoundsUs = {
    100,    250,    500,     1'000,   2'500,     5'000,     10'000,
    25'000, 50'000, 100'000, 250'000, 1'000'000, 5'000'000, 30'000'000};

// The bucket that counts `microseconds`: the first whose bound is not below it.
template <size_t kCount>
size_t BucketOf(const std::array<uint64_t, kCount>& bounds,
                uint64_t microseconds) {
  return static_cast<size_t>(
      std::lower_bound(bounds.begin(), bounds.end(), microseconds) -
      bounds.begin());
}

namespace metric {
inline constexpr Metric kRequests{
    .name = "caravel_requests_total",
    .help = "Finished requests of Workers, by how they ended",
    .label = "outcome"};
inline constexpr Metric kCpu{.name = "caravel_request_cpu_seconds",
                             .kind = Metric::Kind::kHistogram,
                             .help = "CPU time of a request in its Worker"};
inline constexpr Metric kWall{.name = "caravel_request_wall_seconds",
                              .kind = Metric::Kind::kHistogram,
                              .help = "Time from a request's head to its end"};
inline constexpr Metric kColdStarts{.name = "caravel_cold_starts_total",
                                    .help = "Isolates loaded for a request"};
inline constexpr Metric kIsolates{.name = "caravel_isolates",
                                  .kind = Metric::Kind::kGauge,
                                  .help = "Isolates that are loaded"};
inline constexpr Metric kConnections{.name = "caravel_connections",
                                     .kind = Metric::Kind::kGauge,
                                     .help = "Open connections of clients"};
inline constexpr Metric kResident{
    .name = "caravel_resident_bytes",
    .kind = Metric::Kind::kGauge,
    .help = "Resident memory, by process: caraveld, serving, standby",
    .label = "process"};
inline constexpr Metric kHosts{.name = "caravel_hosts",
                               .kind = Metric::Kind::kGauge,
                               .help = "Host processes, by role",
                               .label = "role"};
inline constexpr Metric kHostDeaths{
    .name = "caravel_host_deaths_total",
    .help = "Host processes that ended unasked and were replaced"};
inline constexpr Metric kLogEvents{.name = "caravel_log_events_total",
                                   .help = "Events of Workers that were kept"};
inline constexpr Metric kLogEventsDropped{
    .name = "caravel_log_events_dropped_total",
    .help = "Events of Workers that were lost"};
inline constexpr Metric kBlobsRemoved{
    .name = "caravel_blobs_removed_total",
    .help = "Bundles and contents of assets that nothing needed any more"};
inline constexpr Metric kLooseBlobs{
    .name = "caravel_loose_blobs",
    .kind = Metric::Kind::kGauge,
    .help = "Blobs that are removed soon, unless something needs them"};
inline constexpr Metric kWithoutDatabase{
    .name = "caravel_without_database",
    .kind = Metric::Kind::kGauge,
    .help = "1 while Workers are served from the snapshot and the API is off"};
inline constexpr Metric kPublishedSequence{
    .name = "caravel_published_sequence",
    .kind = Metric::Kind::kGauge,
    .help = "Position of the newest published change"};
inline constexpr Metric kAppliedSequence{
    .name = "caravel_applied_sequence",
    .kind = Metric::Kind::kGauge,
    .help = "Position up to which the serving hosts have applied changes"};
}  // namespace metric

// All of the above; what is not in this list cannot be shown.
inline constexpr std::array kMetrics = {&metric::kRequests,
                                        &metric::kCpu,
                                        &metric::kWall,
                                        &metric::kColdStarts,
                                        &metric::kIsolates,
                                        &metric::kConnections,
                                        &metric::kResident,
                                        &metric::kHosts,
                                        &metric::kHostDeaths,
                                        &metric::kLogEvents,
                                        &metric::kLogEventsDropped,
                                        &metric::kBlobsRemoved,
                                        &metric::kLooseBlobs,
                                        &metric::kWithoutDatabase,
                                        &metric::kPublishedSequence,
                                        &metric::kAppliedSequence};

// Builds the page. Values of one metric are added one behind the other. A value
// type for one thread.
class MetricsPage {
 public:
  // Requires: `metric` is no histogram; `label_value` is given when it has a
  // label.
  void Add(const Metric& metric, uint64_t value,
           std::string_view label_value = {});

  // `counts` has one more than `bounds_us`: the last is what lies above.
  // `sum_us` is the sum of all that was counted. Requires: a histogram.
  void AddHistogram(const Metric& metric, std::span<const uint64_t> bounds_us,
                    std::span<const uint64_t> counts, uint64_t sum_us);

  std::string Take() { return std::move(text_); }

 private:
  void Begin(const Metric& metric);

  const Metric* current_ = nullptr;
  std::string text_;
};

}  // namespace caravel::base
