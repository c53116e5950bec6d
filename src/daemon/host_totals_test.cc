#include "daemon/host_totals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/testing/fake_host_port.h"

namespace caravel::daemon {
namespace {

using testing::HasSubstr;
using testing::Not;

registry::HostStats StatsOf(uint64_t ok) {
  registry::HostStats stats;
  stats.requests_by_outcome = {{"ok", ok}};
  stats.cpu_us_buckets.assign(base::kCpuBoundsUs.size() + 1, 1);
  stats.wall_us_buckets.assign(base::kWallBoundsUs.size() + 1, 1);
  return stats;
}

std::string PageOf(const HostTotals& totals) {
  base::MetricsPage page;
  totals.AddTo(page);
  return page.Take();
}

TEST(HostTotals, NeverFallWhenAHostDies) {
  HostTotals totals;
  const FakeHostPort first("h1");
  const FakeHostPort second("h2");
  totals.Update(first, StatsOf(10));
  totals.Leave(first);
  totals.Update(second, StatsOf(5));
  EXPECT_THAT(PageOf(totals),
              HasSubstr("caravel_requests_total{outcome=\"ok\"} 15\n"));
}

TEST(HostTotals, CountAHostsLastWordOnly) {
  HostTotals totals;
  const FakeHostPort host("h1");
  totals.Update(host, StatsOf(10));
  totals.Update(host, StatsOf(12));
  EXPECT_THAT(PageOf(totals), HasSubstr("{outcome=\"ok\"} 12\n"));
}

TEST(HostTotals, TakeNoListOfAWrongLengthAndNoOutcomeThatIsMadeUp) {
  HostTotals totals;
  const FakeHostPort host("h1");
  registry::HostStats stats;
  stats.requests_by_outcome = {{"x\"} 1\nforged 1", 3}};
  stats.cpu_us_buckets = {1, 2};
  totals.Update(host, stats);
  const std::string page = PageOf(totals);
  EXPECT_THAT(page, HasSubstr("{outcome=\"unknown\"} 3\n"));
  EXPECT_THAT(page, Not(HasSubstr("forged")));
  EXPECT_THAT(page, HasSubstr("caravel_request_cpu_seconds_count 0\n"));
}

}  // namespace
}  // namespace caravel::daemon
