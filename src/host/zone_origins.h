#pragma once

#include <memory>
#include <string>

#include "base/lifetime.h"
#include "base/log.h"
#include "host/handed_on.h"
#include "host/origins.h"
#include "host/zone.h"
#include "net/exchange.h"

namespace caravel::host {

// Requests that go on to the origin of a zone: of clients that no Worker
// answers, and of Workers that fetch from their own zone. An origin that does
// not answer is told as 502, without what its address is; the log has the
// reason.
//
// Threads: the one that drives the shard.
class ZoneOrigins {
 public:
  // All references outlive this.
  ZoneOrigins(Origins& origins, base::Log& log);
  ~ZoneOrigins();

  // Begins an exchange as Target::Start() does. Requires: the zone has an
  // origin.
  net::Answerer& Start(const Zone& zone, net::RequestHead& head,
                       net::Asker& asker);
  // The same as a Target, for one exchange that is started before the next
  // call. Requires: as above.
  net::Target& To(ZonePtr zone) CARAVEL_LIFETIME_BOUND;

 private:
  class Run;
  class Way final : public net::Target {
   public:
    explicit Way(ZoneOrigins& owner) : owner_(owner) {}
    net::Answerer& Start(net::RequestHead& head, net::Asker& asker) override;
    ZonePtr zone;  // of the exchange to come

   private:
    ZoneOrigins& owner_;
  };

  Origins& origins_;
  base::Log& log_;
  HandedOn::Set runs_;
  Way way_{*this};
};

// What a client's request bears on its way to an origin: who the client is, and
// how it asked. What it says of that itself does not count, but for the proxies
// that it says it came through.
void AddClientFields(net::RequestHead& head);

// The same of what a Worker fetches from its own zone: what it says of the
// client of the request that it goes on with stands, the Worker being the next
// hop behind that. `zone` is the name of the Worker's zone.
void AddSubrequestFields(net::RequestHead& head, const std::string& zone);

}  // namespace caravel::host
