#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "host/cache.h"
#include "host/cache_target.h"
#include "host/handed_on.h"
#include "net/exchange.h"
#include "runtime/fetch_rules.h"

namespace caravel::host {

// Fetches whose answers come from the cache and are kept there, as init.cf
// asks: the same that caches.default is. An answer says by CF-Cache-Status
// where it comes from: HIT; REVALIDATED where it was stale and the origin says
// that it still holds; MISS where it is kept now, EXPIRED where that takes the
// place of one that the origin says holds no more; BYPASS where it is not, by
// its own word or the Worker's, or as it answers a HEAD; DYNAMIC where the
// request is none that a cache answers. Its bytes pass on to the asker while
// they are gathered.
// Source: Cloudflare's documentation, "Cloudflare cache responses".
//
// Threads: the one that drives the shard.
class FetchCache {
 public:
  // All references outlive this. `kept` gives answers of `cache`.
  FetchCache(Cache& cache, CacheTarget& kept, const base::Clock& clock);
  ~FetchCache();

  // The way to `origin` by the cache, for one exchange that is started before
  // the next call. `url` is that of the fetch.
  net::Target& Before(net::Target& origin, std::string account,
                      std::string_view url,
                      std::shared_ptr<const runtime::FetchRules> rules);

 private:
  class Run;
  class Way final : public net::Target {
   public:
    explicit Way(FetchCache& owner) : owner_(owner) {}
    net::Answerer& Start(net::RequestHead& head, net::Asker& asker) override {
      return owner_.Start(head, asker);
    }

   private:
    FetchCache& owner_;
  };

  net::Answerer& Start(net::RequestHead& head, net::Asker& asker);

  Cache& cache_;
  CacheTarget& kept_;
  const base::Clock& clock_;
  Way way_{*this};
  net::Target* origin_ = nullptr;  // of the exchange to come
  Cache::Key key_;
  std::shared_ptr<const runtime::FetchRules> rules_;
  HandedOn::Set runs_;
};

}  // namespace caravel::host
