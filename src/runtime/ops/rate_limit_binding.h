#pragma once

#include <v8.h>

#include <string>

#include "runtime/inbox.h"
#include "runtime/js/scope.h"

namespace caravel::runtime {

// Asks the shard whether one more call with `key` is within the limit that has
// that number in the isolate; a promise of a boolean, which comes in the turn
// that follows. It is no subrequest: nothing leaves the host.
//
// Threads: the one that is in the isolate.
v8::MaybeLocal<v8::Value> TakeFromRateLimit(js::Scope& scope, InvocationId id,
                                            uint32_t limit, std::string key);

void ServeRateLimit(js::Scope& scope, const RateLimited& limited);

}  // namespace caravel::runtime
