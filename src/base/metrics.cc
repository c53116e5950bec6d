#include "base/metrics.h"

#include "base/check.h"

namespace caravel::base {
namespace {

std::string_view KindName(Metric::Kind kind) {
  switch (kind) {
    case Metric::Kind::kCounter:
      return "counter";
    case Metric::Kind::kGauge:
      return "gauge";
    case Metric::Kind::kHistogram:
      return "histogram";
  }
  return "untyped";
}

double Seconds(uint64_t microseconds) {
  return static_cast<double>(microseconds) / 1'000'000;
}

// The three characters that the format escapes in a label's value.
std::string EscapeLabel(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\' || c == '"') escaped += '\\';
    if (c == '\n') {
      escaped += "\\n";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

}  // namespace

void MetricsPage::Begin(const Metric& metric) {
  if (current_ == &metric) return;
  current_ = &metric;
  text_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", metric.name, metric.help,
                       metric.name, KindName(metric.kind));
}

void MetricsPage::Add(const Metric& metric, uint64_t value,
                      std::string_view label_value) {
  CARAVEL_CHECK(metric.kind != Metric::Kind::kHistogram, metric.name);
  Begin(metric);
  text_ += metric.name;
  if (!metric.label.empty()) {
    text_ +=
        fmt::format("{{{}=\"{}\"}}", metric.label, EscapeLabel(label_value));
  }
  text_ += fmt::format(" {}\n", value);
}

void MetricsPage::AddHistogram(const Metric& metric,
                               std::span<const uint64_t> bounds_us,
                               std::span<const uint64_t> counts,
                               uint64_t sum_us) {
  CARAVEL_CHECK(metric.kind == Metric::Kind::kHistogram, metric.name);
  CARAVEL_CHECK(counts.size() == bounds_us.size() + 1, counts.size());
  Begin(metric);
  uint64_t below = 0;
  for (size_t i = 0; i < bounds_us.size(); ++i) {
    below += counts[i];
    text_ += fmt::format("{}_bucket{{le=\"{}\"}} {}\n", metric.name,
                         Seconds(bounds_us[i]), below);
  }
  below += counts.back();
  text_ += fmt::format(
      "{0}_bucket{{le=\"+Inf\"}} {1}\n{0}_sum {2}\n"
      "{0}_count {1}\n",
      metric.name, below, Seconds(sum_us));
}

}  // namespace caravel::base
