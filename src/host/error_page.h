#pragma once

#include <string>
#include <string_view>

#include "net/exchange.h"

namespace caravel::host {

// An answer that the platform gives in a Worker's place.
struct ErrorAnswer {
  net::ResponseHead head;
  std::string body;
};

// "error code: 1101" and so on, as clients of Workers know it, with the
// request's reference, under which its log line is found. Source: Cloudflare
// documentation, "Workers errors".
ErrorAnswer WorkerError(int number, std::string_view request_id);

// 1102 in place of a version that is held back (registry::HoldVersions).
ErrorAnswer HeldVersion();

// 404: no Worker answers for this host. To a client on loopback, which is the
// operator or a proxy, the page says what to do next, and names nobody's
// Worker.
ErrorAnswer UnknownHost(std::string_view authority, bool has_workers,
                        std::string_view client);

// 404: no Worker answers for this on the zone, and it has no origin.
ErrorAnswer NoOrigin(std::string_view zone);

// 502: the origin of the zone does not answer.
ErrorAnswer OriginFailed(std::string_view zone);

}  // namespace caravel::host
