#include "host/stats.h"

#include <gmock/gmock.h>

#include <numeric>

#include "base/metrics.h"

namespace caravel::host {
namespace {

using testing::ElementsAre;
using testing::Pair;

uint64_t Sum(const std::vector<uint64_t>& buckets) {
  return std::accumulate(buckets.begin(), buckets.end(), uint64_t{0});
}

TEST(HostStatsTest, ARequestIsCountedByItsOutcomeAndInBothHistograms) {
  registry::HostStats stats;
  CountRequest(stats, "ok", 20, 1'000);
  CountRequest(stats, "exception", 30, 2'000);
  CountRequest(stats, "ok", 50, 60'000'000'000);
  EXPECT_THAT(stats.requests_by_outcome,
              ElementsAre(Pair("ok", 2), Pair("exception", 1)));
  EXPECT_EQ(stats.cpu_us_sum, 100U);
  EXPECT_EQ(stats.wall_us_sum, 60'000'003'000U);
  EXPECT_EQ(Sum(stats.cpu_us_buckets), 3U);
  EXPECT_EQ(stats.wall_us_buckets.back(), 1U) << "above every bound";
}

TEST(HostStatsTest, ARefusalIsCountedAndTakesNoTime) {
  registry::HostStats stats;
  CountRefusal(stats, "held");
  CountRefusal(stats, "held");
  EXPECT_THAT(stats.requests_by_outcome, ElementsAre(Pair("held", 2)));
  EXPECT_EQ(Sum(stats.cpu_us_buckets), 0U);
  EXPECT_EQ(Sum(stats.wall_us_buckets), 0U);
}

TEST(HostStatsTest, ShardsAddUpWhateverEachHasSeen) {
  registry::HostStats idle;
  idle.shards = 1;
  registry::HostStats busy;
  busy.shards = 1;
  busy.isolates = 3;
  CountRequest(busy, "exceededCpu", 50'000, 50'000);
  registry::HostStats sum;
  for (const auto& shard : {idle, busy, busy}) AddStats(sum, shard);
  EXPECT_EQ(sum.shards, 3U);
  EXPECT_EQ(sum.isolates, 6U);
  EXPECT_THAT(sum.requests_by_outcome, ElementsAre(Pair("exceededCpu", 2)));
  EXPECT_EQ(Sum(sum.cpu_us_buckets), 2U);
  EXPECT_EQ(sum.cpu_us_buckets.size(), base::kCpuBoundsUs.size() + 1);
}

}  // namespace
}  // namespace caravel::host
