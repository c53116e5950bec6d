#pragma once

#include <atomic>
#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "registry/kv_messages.h"

namespace caravel::host {

// What was read of KV namespaces and may be given again, in the memory of the
// host: entries, and that there is none. It is given only while the lease lasts
// that caraveld renews; what has changed is dropped when caraveld says so,
// before who changed it is answered. Where there is no more room what was asked
// for the longest ago goes, of the account that holds the most.
//
// What script chooses is looked up in trees, as nobody can make their keys
// collide.
//
// Threads: any.
class KvCache {
 public:
  using Answer = std::shared_ptr<const registry::KvAnswer>;

  struct Limits {
    size_t bytes = 64 << 20;
    size_t entry = 1 << 20;  // a larger one is not kept
  };

  // `clock` outlives the cache.
  explicit KvCache(const base::Clock& clock) : KvCache(clock, Limits()) {}
  KvCache(const base::Clock& clock, const Limits& limits)
      : clock_(clock), limits_(limits) {}

  // nullptr: it is not here, or may not be given.
  Answer Find(std::string_view space, std::string_view key);

  // Requires: `answer` has one item.
  void Keep(std::string_view account, const registry::KvPlace& place,
            Answer answer);

  // A place without a key is all of its namespace.
  void Drop(const std::vector<registry::KvPlace>& places);
  void DropAll();

  // Until then by the steady clock, since its epoch.
  void SetLease(std::chrono::nanoseconds until) {
    lease_ns_.store(until.count(), std::memory_order_release);
  }

  size_t bytes() const;

 private:
  using Name = std::pair<std::string, std::string>;  // namespace and key
  using NameView = std::pair<std::string_view, std::string_view>;
  struct ByName {
    using is_transparent = void;
    static NameView View(const Name& name) { return {name.first, name.second}; }
    static NameView View(const NameView& name) { return name; }
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      return View(a) < View(b);
    }
  };
  struct Entry;
  struct Account {
    size_t bytes = 0;
    std::list<const Name*> order;  // asked for the longest ago first
  };
  using Accounts = std::map<std::string, Account, std::less<>>;
  struct Entry {
    Answer answer;
    size_t bytes = 0;
    Accounts::iterator account;
    std::list<const Name*>::iterator place;
  };
  using Entries = std::map<Name, Entry, ByName>;

  bool IsLeased() const;
  void Remove(Entries::iterator entry, std::vector<Answer>& dropped)
      CARAVEL_REQUIRES(mutex_);
  void DropSpace(std::string_view space, std::vector<Answer>& dropped)
      CARAVEL_REQUIRES(mutex_);
  void MakeRoom(std::vector<Answer>& dropped) CARAVEL_REQUIRES(mutex_);

  const base::Clock& clock_;
  const Limits limits_;
  std::atomic<int64_t> lease_ns_ = 0;
  mutable base::Mutex mutex_;
  size_t bytes_ CARAVEL_GUARDED_BY(mutex_) = 0;
  Accounts accounts_ CARAVEL_GUARDED_BY(mutex_);
  Entries entries_ CARAVEL_GUARDED_BY(mutex_);
};

}  // namespace caravel::host
