#include "host/rate_limiter.h"

#include <fmt/format.h>

#include <chrono>
#include <iterator>

namespace caravel::host {
namespace {

// Of a count beside its texts: the nodes of a tree and of a list.
constexpr size_t kCounterOverhead = 192;
// No period is longer: what was last asked for twice as long ago counts no
// more.
constexpr std::chrono::seconds kLongestPeriod{60};
// Such are dropped for each that is added, so that they never gather.
constexpr int kStaleForNew = 2;

}  // namespace

bool RateLimiter::Take(std::string_view account,
                       const runtime::RateLimit& limit, std::string_view key) {
  const std::string place = fmt::format("{} {} {} {}", limit.period,
                                        limit.space.size(), limit.space, key);
  const std::chrono::seconds period(limit.period);
  const base::SteadyTime now = clock_.Steady();
  const base::MutexLock lock(mutex_);
  Accounts::iterator owner = accounts_.find(account);
  if (owner == accounts_.end()) {
    owner = accounts_.emplace(account, Account()).first;
    by_bytes_.emplace(0, owner->first);
  }
  Count& count = CountOf(owner, place);
  count.used = now;
  if (now - count.begin >= 2 * period) {
    count.begin = now;
    count.before = 0;
    count.now = 0;
  } else if (now - count.begin >= period) {
    count.begin += period;
    count.before = count.now;
    count.now = 0;
  }
  const std::chrono::duration<double> passed = now - count.begin;
  const double left = 1 - passed.count() / limit.period;
  const bool success = count.before * left + count.now < limit.limit;
  if (success) ++count.now;
  MakeRoom(owner, now);
  return success;
}

RateLimiter::Count& RateLimiter::CountOf(Accounts::iterator account,
                                         std::string_view place) {
  Account& owner = account->second;
  const auto found = owner.counts.find(place);
  if (found != owner.counts.end()) {
    owner.order.splice(owner.order.end(), owner.order, found->second.place);
    return found->second;
  }
  const auto added = owner.counts.emplace(place, Count()).first;
  owner.order.push_back(added);
  added->second.place = std::prev(owner.order.end());
  Resize(account, owner.bytes + kCounterOverhead + place.size());
  return added->second;
}

void RateLimiter::Resize(Accounts::iterator account, size_t bytes) {
  by_bytes_.erase({account->second.bytes, account->first});
  bytes_ += bytes - account->second.bytes;
  account->second.bytes = bytes;
  by_bytes_.emplace(bytes, account->first);
}

void RateLimiter::DropOldest(Accounts::iterator account) {
  Account& owner = account->second;
  const Counts::iterator oldest = owner.order.front();
  Resize(account, owner.bytes - kCounterOverhead - oldest->first.size());
  owner.order.pop_front();
  owner.counts.erase(oldest);
}

void RateLimiter::MakeRoom(Accounts::iterator kept, base::SteadyTime now) {
  for (int i = 0; i < kStaleForNew; ++i) {
    const Count& oldest = kept->second.order.front()->second;
    if (now - oldest.used < 2 * kLongestPeriod) break;
    DropOldest(kept);
  }
  while (bytes_ > most_bytes_) {
    auto largest = by_bytes_.rbegin();
    if (largest->second == kept->first && kept->second.order.size() == 1 &&
        ++largest == by_bytes_.rend()) {
      return;
    }
    const auto most = accounts_.find(largest->second);
    DropOldest(most);
    if (most->second.order.empty()) {
      by_bytes_.erase({most->second.bytes, most->first});
      accounts_.erase(most);
    }
  }
}

size_t RateLimiter::bytes() const {
  const base::MutexLock lock(mutex_);
  return bytes_;
}

}  // namespace caravel::host
