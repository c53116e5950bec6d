#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "registry/model.h"

namespace caravel::registry {

// The host names of a Worker, lower case, best first: under the operator's
// `domain` where there is one, NAME.localhost for the first account, and always
// NAME.SUBDOMAIN.localhost. (*.localhost is this machine: RFC 6761,
// section 6.3.)
std::vector<std::string> HostNames(const Account& account,
                                   std::string_view worker,
                                   std::string_view domain);

}  // namespace caravel::registry
