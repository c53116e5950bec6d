#pragma once

#include <boost/json/object.hpp>

#include "cli/project.h"

namespace caravel::cli {

// Takes what a wrangler configuration binds, but for assets. kInvalid names the
// binding, also one that `serve` has not.
Status ReadBindings(const boost::json::object& config, Project& project);

// kInvalid names a binding that there is twice. Requires: all have been read,
// assets too.
Status CheckBindingNames(const Project& project);

}  // namespace caravel::cli
