#pragma once

#include <span>
#include <string>
#include <string_view>

namespace caravel::api {

// Whether the API answers to `authority`, the host[:port] of a request. A web
// page can point a name of its own at 127.0.0.1 (DNS rebinding) and would then
// reach a loopback API; it cannot make the browser send another Host. So only
// loopback names and addresses are accepted, and those that the operator lists:
// a name, an address, or "*" for all.
bool IsAllowedHost(std::string_view authority,
                   std::span<const std::string> allowed);

}  // namespace caravel::api
