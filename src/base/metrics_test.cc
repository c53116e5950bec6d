#include "base/metrics.h"

#include <gtest/gtest.h>

#include <set>

namespace caravel::base {
namespace {

TEST(MetricsPage, DeclaresEachMetricOnceAboveItsValues) {
  MetricsPage page;
  page.Add(metric::kRequests, 3, "ok");
  page.Add(metric::kRequests, 1, "exception");
  EXPECT_EQ(page.Take(),
            "# HELP caravel_requests_total Finished requests of Workers, by "
            "how they ended\n"
            "# TYPE caravel_requests_total counter\n"
            "caravel_requests_total{outcome=\"ok\"} 3\n"
            "caravel_requests_total{outcome=\"exception\"} 1\n");
}

TEST(MetricsPage, CountsWhatIsBelowEachBound) {
  MetricsPage page;
  const uint64_t bounds[] = {1'000, 2'500'000};
  const uint64_t counts[] = {2, 1, 4};
  page.AddHistogram(metric::kCpu, bounds, counts, 1'500'000);
  EXPECT_EQ(page.Take(),
            "# HELP caravel_request_cpu_seconds CPU time of a request in its "
            "Worker\n"
            "# TYPE caravel_request_cpu_seconds histogram\n"
            "caravel_request_cpu_seconds_bucket{le=\"0.001\"} 2\n"
            "caravel_request_cpu_seconds_bucket{le=\"2.5\"} 3\n"
            "caravel_request_cpu_seconds_bucket{le=\"+Inf\"} 7\n"
            "caravel_request_cpu_seconds_sum 1.5\n"
            "caravel_request_cpu_seconds_count 7\n");
}

TEST(MetricsPage, EscapesWhatALabelMayNotHold) {
  MetricsPage page;
  page.Add(metric::kHosts, 1, "a\"b\\c\nd");
  EXPECT_NE(page.Take().find(R"({role="a\"b\\c\nd"} 1)"), std::string::npos);
}

TEST(Metrics, ATimeIsCountedUnderTheFirstBoundThatIsNotBelowIt) {
  EXPECT_EQ(BucketOf(kCpuBoundsUs, 0), 0U);
  EXPECT_EQ(BucketOf(kCpuBoundsUs, 50), 0U);
  EXPECT_EQ(BucketOf(kCpuBoundsUs, 51), 1U);
  EXPECT_EQ(BucketOf(kCpuBoundsUs, ~0ULL), kCpuBoundsUs.size());
}

TEST(Metrics, HaveDistinctNamesAndEndInTheirUnit) {
  std::set<std::string_view> names;
  for (const Metric* each : kMetrics) {
    EXPECT_TRUE(names.insert(each->name).second) << each->name;
    EXPECT_FALSE(each->help.empty()) << each->name;
    EXPECT_EQ(each->kind == Metric::Kind::kCounter,
              each->name.ends_with("_total"))
        << each->name;
  }
}

}  // namespace
}  // namespace caravel::base
