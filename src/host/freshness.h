#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "net/exchange.h"
#include "runtime/fetch_rules.h"

namespace caravel::host {

// For how many seconds a cache may give the answer of an origin again, by what
// the Worker asks for that fetch, else by what the answer says (RFC 9111,
// section 4.2), else by its status; 0: only when the origin says each time that
// it still holds. Nothing: it is not kept.
// Source: Workers documentation, "Request", cf; Cloudflare's documentation,
// "Default cache behavior".
std::optional<int64_t> FreshFor(const runtime::FetchRules& rules,
                                const net::Headers& request,
                                const net::ResponseHead& answer,
                                base::WallTime now);

// What of a request chooses the answer (RFC 9111, section 4.1): the names of
// its Vary in lower case and in order, and their values in the request.
std::vector<std::pair<std::string, std::string>> VariesBy(
    const net::Headers& answer, const net::Headers& request);

}  // namespace caravel::host
