#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "control/tail_filter.h"
#include "registry/host_protocol.h"

// What a tail sends: one JSON text for each event.
// Source: Workers documentation, "Tail Handler", TraceItem; what wrangler reads
// of it.
namespace caravel::api {

// Values of fields that carry credentials are left out, as Workers does.
std::string TailEventJson(std::string_view worker_name,
                          const registry::LogEvent& event,
                          const TailedRequest& request);

// Tells the reader that it was too slow for `dropped` events.
std::string TailOverloadJson(uint64_t dropped);

}  // namespace caravel::api
