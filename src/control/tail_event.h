#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "control/tail_filter.h"
#include "registry/host_protocol.h"

// What a tail sends, one JSON text for each event, and what a search finds.
// Source: Workers documentation, "Tail Handler", TraceItem; what wrangler reads
// of it.
namespace caravel::api {

// Values of fields that carry credentials are left out, as Workers does.
// `truncated`: something was left out of `event`.
boost::json::object TailEvent(std::string_view worker_name,
                              const registry::LogEvent& event,
                              const TailedRequest& request,
                              bool truncated = false);
std::string TailEventJson(std::string_view worker_name,
                          const registry::LogEvent& event,
                          const TailedRequest& request, bool truncated = false);

// Tells the reader that it was too slow for `dropped` events.
std::string TailOverloadJson(uint64_t dropped);

}  // namespace caravel::api
