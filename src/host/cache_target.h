#pragma once

#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "host/cache.h"
#include "net/event_loop.h"
#include "net/exchange.h"

namespace caravel::host {

// The cache as a target of exchanges. The head's authority is the account, its
// target the URL, the field "caravel-cache" the name of the cache; the method
// is one of
//
//   MATCH   the headers of a request; 404 for none, else the answer, with
//           "cf-cache-status: HIT" and Age. What If-None-Match,
//           If-Modified-Since and Range ask for is done (RFC 9110, sections 13
//           and 14).
//   PUT     the headers of the answer that is the body, and before them
//           caravel-cache-status, -reason, -ttl (in seconds), and a -vary for
//           each field that chooses it, "name value". 413: too large, 503: no
//           room.
//   DELETE  200, or 404 for none.
//
// Threads: the one that drives the loop.
class CacheTarget final : public net::Target {
 public:
  // All references outlive the target.
  CacheTarget(net::EventLoop& loop, Cache& cache, const base::Clock& clock);
  ~CacheTarget() override;

  net::Answerer& Start(net::RequestHead& head, net::Asker& asker) override;
  // An exchange that gives what was found already to a request with the headers
  // of `head`, as MATCH does, and to a HEAD without its body; `how`, its
  // cf-cache-status, is kept as it is.
  net::Answerer& Give(Cache::Found found, std::string_view how,
                      net::RequestHead& head, net::Asker& asker);

 private:
  class Exchange;

  net::Answerer& Begin(std::unique_ptr<Exchange> exchange);

  // Has a step of it taken outside of calls of exchanges.
  void StepLater(Exchange& exchange);
  void Step();

  net::EventLoop& loop_;
  Cache& cache_;
  const base::Clock& clock_;
  std::unordered_map<Exchange*, std::unique_ptr<Exchange>> exchanges_;
  std::vector<Exchange*> due_;
  net::EventLoop::TimerId step_;
};

}  // namespace caravel::host
