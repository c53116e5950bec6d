#pragma once

#include <cstdint>
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
#include "base/result.h"
#include "net/headers.h"

namespace caravel::host {

// An answer that is kept. Never changes.
struct CachedAnswer {
  uint16_t status = 200;
  std::string reason;
  net::Headers headers;  // without framing
  std::string body;
  // What a request must say to be given it, from the answer's Vary (RFC 9111,
  // section 4.1): names in lower case, in order, and values as the first
  // request had them.
  std::vector<std::pair<std::string, std::string>> varies;
  base::WallTime stored{};
  base::WallTime expires{};

  // Whether an origin can be asked if it still holds (RFC 9111, section 4.3).
  bool has_validator() const {
    return headers.Find("ETag") || headers.Find("Last-Modified");
  }
  // Of memory, with what strings and lists have in reserve.
  size_t bytes() const;
};

// The answers that Workers have put into their caches, in the memory of the
// host: all shards' together, gone with the host. Where there is no more room
// an answer of the account that holds the most goes, the one that was asked for
// the longest ago, so that no account can push another one's out. One that is
// being sent stays, and is its account's until it was.
//
// What script chooses is looked up in trees, as nobody can make their keys
// collide; what is dropped is freed without the lock, which all shards share.
//
// Threads: any.
class Cache {
  struct Account;
  struct Entry;
  using Entries = std::list<Entry>;

 public:
  struct Limits {
    size_t bytes = 128 << 20;
    // One answer's body, and bodies that arrive at a time.
    size_t body = 16 << 20;
    size_t arriving = 64 << 20;
  };

  // An answer that varies by more is not kept, and of a URL not more answers:
  // each request is compared with all of them.
  static constexpr size_t kMostVaryNames = 16;
  static constexpr size_t kMostVaryBytes = 16 << 10;  // of names and values
  static constexpr size_t kMostVariants = 32;

  // `clock` outlives the cache.
  explicit Cache(const base::Clock& clock) : Cache(clock, Limits()) {}
  Cache(const base::Clock& clock, const Limits& limits)
      : clock_(clock), limits_(limits) {}

  // Where an answer is kept.
  struct Key {
    std::string account;
    std::string cache;
    std::string url;
  };

  // Gives back what Match() gave.
  class GivenBack {
   public:
    GivenBack() = default;
    void operator()(const CachedAnswer*) const { cache_->GiveBack(entry_); }

   private:
    friend class Cache;
    GivenBack(Cache* cache, Entries::iterator entry)
        : cache_(cache), entry_(entry) {}

    Cache* cache_ = nullptr;
    Entries::iterator entry_;
  };
  using Found = std::unique_ptr<const CachedAnswer, GivenBack>;

  enum class Stale { kDropped, kGiven };
  // The newest answer for a request with these headers, or nullptr. One that is
  // stale is given only if it is asked for and an origin can be asked whether
  // it still holds. Meanwhile it keeps its room: of all of that an account can
  // have half in its hands, and all accounts three quarters; beyond that
  // nothing is found. The cache outlives it.
  Found Match(const Key& key, const net::Headers& request,
              Stale stale = Stale::kDropped);
  // Takes the place of one that the same requests would be given, or of the
  // oldest of a URL that has too many. False: it is not kept, as it varies by
  // too much or as there is no room.
  bool Put(const Key& key, std::shared_ptr<const CachedAnswer> answer);
  // All answers of that URL; whether there were any.
  bool Delete(const Key& key);

  const Limits& limits() const { return limits_; }
  // Counts bytes of what arrives. False, and nothing is counted, when there is
  // no more room for those of the account, or for any.
  [[nodiscard]] bool Reserve(const std::string& account, size_t bytes);
  void Release(const std::string& account, size_t bytes);

  // Of answers and what they are kept by.
  size_t bytes() const;

 private:
  // Of one place, the oldest first.
  using Variants = std::vector<Entries::iterator>;
  using Places = std::map<std::string, Variants, std::less<>>;  // cache and URL
  struct Entry {
    Account* account;
    Places::iterator place;  // while it is kept
    std::shared_ptr<const CachedAnswer> answer;
    size_t bytes;
    size_t users = 0;  // what Match() gave and has not back
    bool kept = true;
  };
  struct Account {
    const std::string* name = nullptr;
    Entries idle;    // kept, and with nobody; the longest unused last
    Entries in_use;  // also such as are kept no more
    Places places;
    size_t bytes = 0;  // of both
    size_t bytes_in_use = 0;
    size_t arriving = 0;
  };
  struct Spot {
    Account* account = nullptr;
    Variants* variants = nullptr;  // nullptr: nothing is there
  };

  void GiveBack(Entries::iterator entry) CARAVEL_EXCLUDES(mutex_);

  Account& AccountOf(const std::string& name) CARAVEL_REQUIRES(mutex_);
  Spot Find(const Key& key, std::string_view place) CARAVEL_REQUIRES(mutex_);
  std::vector<std::shared_ptr<const CachedAnswer>> VariantsOf(
      const Key& key, std::string_view place) CARAVEL_EXCLUDES(mutex_);
  // Keeps it no more. What that frees goes to `freed`.
  void Drop(Entries::iterator entry, Entries& freed) CARAVEL_REQUIRES(mutex_);
  bool MakeRoom(Account& account, size_t bytes, Entries& freed)
      CARAVEL_REQUIRES(mutex_);
  // Changes what an account has idle and in use: all such changes are made
  // between these.
  void BeginChange(Account& account) CARAVEL_REQUIRES(mutex_);
  void EndChange(Account& account) CARAVEL_REQUIRES(mutex_);
  // Forgets it if nothing of it is here.
  void Forget(Account& account) CARAVEL_REQUIRES(mutex_);

  const base::Clock& clock_;
  const Limits limits_;
  mutable base::Mutex mutex_;
  std::map<std::string, Account, std::less<>> accounts_
      CARAVEL_GUARDED_BY(mutex_);
  // Accounts that have something idle, by their bytes.
  std::set<std::pair<size_t, Account*>> by_bytes_ CARAVEL_GUARDED_BY(mutex_);
  size_t bytes_ CARAVEL_GUARDED_BY(mutex_) = 0;
  size_t bytes_in_use_ CARAVEL_GUARDED_BY(mutex_) = 0;
  size_t arriving_ CARAVEL_GUARDED_BY(mutex_) = 0;
};

}  // namespace caravel::host
