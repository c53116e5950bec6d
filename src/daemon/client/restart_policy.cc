#include "daemon/client/restart_policy.h"

namespace caravel::daemon {

void RestartPolicy::OnBooted() { boot_failures_ = 0; }

void RestartPolicy::OnDeath(base::SteadyTime now, bool had_booted) {
  if (!had_booted) {
    constexpr int kMostDoublings = 16;
    const auto wait =
        kFirstWait * (1 << std::min(boot_failures_, kMostDoublings));
    ++boot_failures_;
    not_before_ = now + std::min<std::chrono::milliseconds>(wait, kLongestWait);
    return;
  }
  const auto refills = (now - refilled_at_) / kRefill;
  if (refills + tokens_ >= kBurst) {
    tokens_ = kBurst;
    refilled_at_ = now;
  } else {
    tokens_ += static_cast<int>(refills);
    refilled_at_ += refills * kRefill;
  }
  if (tokens_ > 0) {
    --tokens_;
    not_before_ = std::max(not_before_, now);
  } else {
    not_before_ = std::max(not_before_, refilled_at_ + kRefill);
  }
}

}  // namespace caravel::daemon
