#pragma once

#include <string>

#include "net/exchange.h"
#include "registry/host_protocol.h"
#include "runtime/service_call.h"

namespace caravel::runtime {

// Sets what an event tells of the request that its invocation is of: `url` is
// AbsoluteUrl() of it, `call` what came with it; nullptr: nothing, as a client
// asked.
void SetRequest(registry::LogEvent& event, const net::RequestHead& head,
                std::string url, const ServiceCall* call);

// The same of a head that nobody has looked at yet.
void SetRequest(registry::LogEvent& event, const net::RequestHead& head);

}  // namespace caravel::runtime
