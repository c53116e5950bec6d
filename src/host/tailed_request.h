#pragma once

#include <string>

#include "net/exchange.h"

namespace caravel::host {

// What a tail shows of a request, as registry::LogEvent has it: the header
// fields that its Worker sees, under their names in lower case, and its `cf`.
// Fields beyond 32 KB are left out.
std::string TailedRequest(const net::RequestHead& head);

}  // namespace caravel::host
