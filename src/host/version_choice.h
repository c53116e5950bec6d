#pragma once

#include <cstdint>

#include "net/headers.h"
#include "registry/published.h"

namespace caravel::host {

// The version that a request goes to (Workers docs, Gradual deployments). Where
// a deployment has several, the first of these that holds decides:
//
// 1. Cloudflare-Workers-Version-Overrides, a dictionary of RFC 8941, section
//    3.2: hello="0f5a…", names one of the deployment's versions, also one that
//    gets no other request. What names none, or is no dictionary, has no
//    effect.
// 2. Cloudflare-Workers-Version-Key, any text: requests of one text get one
//    version for as long as the percentages stay, and as many texts as may be
//    keep theirs when these change.
// 3. `draw`, a random number, by the percentages.
const registry::Version& PickVersion(const registry::PublishedWorker& worker,
                                     const net::Headers& headers,
                                     uint64_t draw);

}  // namespace caravel::host
