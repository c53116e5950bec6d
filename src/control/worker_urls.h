#pragma once

#include <string>

#include "control/services.h"

namespace caravel::api {

// Where the Worker answers, with the port; empty: it has no host name.
std::string UrlOf(const Caller& caller, const registry::Worker& worker);

// What stands behind the first digits of a version's id, or an alias, in the
// URL of a preview: "-hello.localhost:8787". Empty where the Worker's versions
// have none.
std::string PreviewSuffix(const Caller& caller, const registry::Worker& worker);

}  // namespace caravel::api
