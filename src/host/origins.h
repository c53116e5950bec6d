#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/lifetime.h"
#include "base/result.h"
#include "host/link.h"
#include "host/raw_connections.h"
#include "host/zone.h"
#include "net/event_loop.h"
#include "net/exchange.h"
#include "registry/published.h"

namespace caravel::host {

// Splits a serialized http or https URL into what a request's head says. The
// fragment stays with the client (RFC 9110, section 7.1).
Status FillFromUrl(std::string_view url, net::RequestHead& head);

// What all shards' outbound connections have in common.
struct OriginSettings {
  std::string ca_certificates;  // PEM, read before the sandbox closed
};

// Where outbound requests go: connections to origins, asked of caraveld's
// egress broker, kept open and used again by the same Worker only.
//
// Threads: the one that drives the shard.
class Origins {
 public:
  // All references outlive this.
  Origins(net::EventLoop& loop, Link& link, const OriginSettings& settings);
  ~Origins();

  // The target for `url`, an absolute http or https URL, on behalf of `worker`;
  // fills scheme, authority and target of `head`. Valid as long as this.
  Result<net::Target*> Find(const registry::WorkerId& worker,
                            std::string_view url, net::RequestHead& head);

  // The target for the next request of `worker` alone, which goes to the
  // address of `host` whatever its URL says. A certificate must be valid for
  // the host of the URL.
  net::Target& Through(const registry::WorkerId& worker, std::string host);

  // Begins an exchange as Target::Start() does, with the origin of `zone`,
  // whose connections are the zone's. Host stays as the head's authority says.
  // The certificate of an origin that is named by an address must be valid for
  // that host, else for the origin's own name. Requires: the zone has one.
  net::Answerer& StartAtOrigin(const Zone& zone, net::RequestHead& head,
                               net::Asker& asker);

  // Connections that carry what a Worker likes, by the same broker.
  RawConnections& raw() CARAVEL_LIFETIME_BOUND;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace caravel::host
