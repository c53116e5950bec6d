#pragma once

#include <set>
#include <string>
#include <string_view>

#include "base/result.h"

namespace caravel::cli {

// The bytes of a bundle file (registry/bundle.h) that stands in for a Worker of
// `serve` which has not started yet: requests are answered with 500 and `why`,
// calls by other Workers fail with it, those of the named `entrypoints` too.
Result<std::string> UnstartedWorker(std::string_view why,
                                    const std::set<std::string>& entrypoints);

}  // namespace caravel::cli
