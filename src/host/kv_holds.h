#pragma once

#include <atomic>
#include <cstddef>
#include <map>
#include <memory>
#include <string>

#include "base/mutex.h"

namespace caravel::host {

// Counts what questions to KV, and answers that nobody has come to read, take
// of the host's memory. An isolate has a limit, whoever its account is; within
// that of the host an account may add while it holds no more than is free then,
// so that alone it comes to half of it, however many isolates it has (the rule
// of net/fair_shares.h, by bytes).
//
// Threads: any; a hold may outlive this.
class KvHolds {
 public:
  struct Limits {
    size_t isolate = 64 << 20;
    size_t host = 256 << 20;
  };
  // Of an isolate.
  using Counter = std::shared_ptr<std::atomic<size_t>>;
  using Hold = std::shared_ptr<const void>;

  KvHolds() : KvHolds(Limits()) {}
  explicit KvHolds(const Limits& limits)
      : limits_(limits), accounts_(std::make_shared<Accounts>(limits.host)) {}

  // Counts the bytes for as long as the hold lives; nullptr: the isolate or the
  // account has too many.
  Hold TryHold(const std::string& account, const Counter& isolate,
               size_t bytes);

 private:
  class Accounts {
   public:
    explicit Accounts(size_t bytes) : free_(bytes) {}
    bool TryTake(const std::string& account, size_t bytes);
    void Release(const std::string& account, size_t bytes);

   private:
    base::Mutex mutex_;
    size_t free_ CARAVEL_GUARDED_BY(mutex_);
    std::map<std::string, size_t> held_ CARAVEL_GUARDED_BY(mutex_);
  };

  const Limits limits_;
  const std::shared_ptr<Accounts> accounts_;
};

}  // namespace caravel::host
