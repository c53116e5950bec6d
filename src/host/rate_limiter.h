#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/mutex.h"
#include "runtime/rate_limit.h"

namespace caravel::host {

// Counts the calls of Workers' rate limits, for all shards of the host; gone
// with it. Bindings of one account that name the same space and period count
// together, each against its own limit.
//
// A key's window begins with its first call. How much of the window before
// still counts falls evenly to nothing while the next one passes (an
// approximation of a sliding window, as Cloudflare describes of its own), so
// that no burst of twice the limit gets through where two windows meet. Calls
// that are refused are not counted.
//
// Where there is no more room the count of what was asked for the longest ago
// goes, of the account that holds the most; that of the call itself stays. What
// script chooses is looked up in trees, as nobody can make their keys collide.
//
// Threads: any.
class RateLimiter {
 public:
  static constexpr size_t kMostBytes = 32 << 20;

  // `clock` outlives the limiter.
  explicit RateLimiter(const base::Clock& clock, size_t most_bytes = kMostBytes)
      : clock_(clock), most_bytes_(most_bytes) {}

  // Counts one more call of the account, if that is within the limit.
  bool Take(std::string_view account, const runtime::RateLimit& limit,
            std::string_view key);

  size_t bytes() const;

 private:
  struct Count;
  // By period, space and key.
  using Counts = std::map<std::string, Count, std::less<>>;
  struct Count {
    base::SteadyTime begin{};  // of the window
    base::SteadyTime used{};   // the latest call
    uint32_t before = 0;       // in the window before
    uint32_t now = 0;
    std::list<Counts::iterator>::iterator place;
  };
  struct Account {
    Counts counts;
    std::list<Counts::iterator> order;  // asked for the longest ago first
    size_t bytes = 0;
  };
  using Accounts = std::map<std::string, Account, std::less<>>;

  Count& CountOf(Accounts::iterator account, std::string_view place)
      CARAVEL_REQUIRES(mutex_);
  void Resize(Accounts::iterator account, size_t bytes)
      CARAVEL_REQUIRES(mutex_);
  void DropOldest(Accounts::iterator account) CARAVEL_REQUIRES(mutex_);
  // Leaves `kept` alone.
  void MakeRoom(Accounts::iterator kept, base::SteadyTime now)
      CARAVEL_REQUIRES(mutex_);

  const base::Clock& clock_;
  const size_t most_bytes_;
  mutable base::Mutex mutex_;
  size_t bytes_ CARAVEL_GUARDED_BY(mutex_) = 0;
  Accounts accounts_ CARAVEL_GUARDED_BY(mutex_);
  // The names of all accounts, by their bytes.
  std::set<std::pair<size_t, std::string_view>> by_bytes_
      CARAVEL_GUARDED_BY(mutex_);
};

}  // namespace caravel::host
