#include "daemon/client/restart_policy.h"

#include <gtest/gtest.h>

namespace caravel::daemon {
namespace {

using std::chrono::milliseconds;

TEST(RestartPolicy, ReplacesAHostThatServedAtOnce) {
  RestartPolicy policy;
  const base::SteadyTime now = base::SteadyTime() + milliseconds(50'000);
  for (int i = 0; i < RestartPolicy::kBurst; ++i) {
    policy.OnDeath(now, /*had_booted=*/true);
    EXPECT_EQ(policy.NotBefore(), now);
  }
}

TEST(RestartPolicy, LetsAStormOfDeathsWaitForItsTurn) {
  RestartPolicy policy;
  const base::SteadyTime now = base::SteadyTime() + milliseconds(50'000);
  for (int i = 0; i <= RestartPolicy::kBurst; ++i) policy.OnDeath(now, true);
  EXPECT_EQ(policy.NotBefore(), now + RestartPolicy::kRefill);
}

TEST(RestartPolicy, ForgivesAStormInTime) {
  RestartPolicy policy;
  base::SteadyTime now = base::SteadyTime() + milliseconds(50'000);
  for (int i = 0; i <= RestartPolicy::kBurst; ++i) policy.OnDeath(now, true);
  now += 3 * RestartPolicy::kRefill;
  policy.OnDeath(now, true);
  EXPECT_EQ(policy.NotBefore(), now);
}

TEST(RestartPolicy, DoublesTheWaitForHostsThatDoNotBoot) {
  RestartPolicy policy;
  const base::SteadyTime now = base::SteadyTime() + milliseconds(50'000);
  policy.OnDeath(now, /*had_booted=*/false);
  EXPECT_EQ(policy.NotBefore(), now + milliseconds(100));
  policy.OnDeath(now, false);
  EXPECT_EQ(policy.NotBefore(), now + milliseconds(200));
  for (int i = 0; i < 100; ++i) policy.OnDeath(now, false);
  EXPECT_EQ(policy.NotBefore(), now + RestartPolicy::kLongestWait);
}

TEST(RestartPolicy, StartsOverOnceAHostBooted) {
  RestartPolicy policy;
  const base::SteadyTime now = base::SteadyTime() + milliseconds(50'000);
  policy.OnDeath(now, false);
  policy.OnDeath(now, false);
  policy.OnBooted();
  policy.OnDeath(now, false);
  EXPECT_EQ(policy.NotBefore(), now + milliseconds(100));
}

}  // namespace
}  // namespace caravel::daemon
