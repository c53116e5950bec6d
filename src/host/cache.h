#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
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

  size_t bytes() const;
};

// The answers that Workers have put into their caches, in the memory of the
// host: all shards' together, gone with the host. Where there is no more room
// an answer of the account that holds the most goes, the one that was asked for
// the longest ago, so that no account can push another one's out.
//
// Threads: any.
class Cache {
 public:
  struct Limits {
    size_t bytes = 128 << 20;
    // One answer's body, and bodies that arrive at a time.
    size_t body = 16 << 20;
    size_t arriving = 64 << 20;
  };

  // An answer that varies by more names is not kept, and of a URL not more
  // answers: each request is compared with all of them.
  static constexpr size_t kMostVaryNames = 16;
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

  // A fresh answer for a request with these headers, or nullptr.
  std::shared_ptr<const CachedAnswer> Match(const Key& key,
                                            const net::Headers& request);
  // Takes the place of one that the same requests would be given, or of the
  // oldest of a URL that has too many.
  void Put(const Key& key, std::shared_ptr<const CachedAnswer> answer);
  // All answers of that URL; whether there were any.
  bool Delete(const Key& key);

  const Limits& limits() const { return limits_; }
  // Counts bytes of bodies that arrive. False, and nothing is counted, when
  // there is no more room for those of the account, or for any.
  [[nodiscard]] bool Reserve(const std::string& account, size_t bytes);
  void Release(const std::string& account, size_t bytes);

  // Of answers and what they are kept by.
  size_t bytes() const;

 private:
  struct Entry {
    std::string place;  // cache and URL
    std::shared_ptr<const CachedAnswer> answer;
  };
  using Entries = std::list<Entry>;
  struct Account {
    Entries entries;  // the longest unused last
    std::unordered_map<std::string, std::vector<Entries::iterator>> by_place;
    size_t bytes = 0;
    size_t arriving = 0;
  };

  static size_t SizeOf(const Entry& entry);
  // Those of a URL, the oldest first.
  std::vector<std::shared_ptr<const CachedAnswer>> VariantsOf(
      const Key& key) const CARAVEL_EXCLUDES(mutex_);
  void Drop(Account& account, Entries::iterator entry) CARAVEL_REQUIRES(mutex_);
  void MakeRoom() CARAVEL_REQUIRES(mutex_);
  void Forget(const std::string& account) CARAVEL_REQUIRES(mutex_);

  const base::Clock& clock_;
  const Limits limits_;
  mutable base::Mutex mutex_;
  std::unordered_map<std::string, Account> accounts_ CARAVEL_GUARDED_BY(mutex_);
  size_t bytes_ CARAVEL_GUARDED_BY(mutex_) = 0;
  size_t arriving_ CARAVEL_GUARDED_BY(mutex_) = 0;
};

}  // namespace caravel::host
