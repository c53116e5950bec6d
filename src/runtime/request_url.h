#pragma once

#include <string>

#include "net/exchange.h"

namespace caravel::runtime {

// The request's URL as `request.url` shows it: absolute and serialized (URL
// Standard, "URL serializing"). Falls back on the plain concatenation, what is
// not visible ASCII percent-encoded, when the URL parser refuses it.
std::string AbsoluteUrl(const net::RequestHead& head);

}  // namespace caravel::runtime
