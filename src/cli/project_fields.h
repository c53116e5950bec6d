#pragma once

#include <boost/json/value.hpp>

#include "cli/project.h"

namespace caravel::cli {

// Takes from a parsed wrangler configuration what a Project has fields for.
// kInvalid names the field: one of a wrong type, or one that stands for a
// binding or a trigger that `serve` has not. Fields that change nothing here
// (routes, observability, placement …) are passed over. Requires:
// project.folder is set.
Status ReadProjectFields(const boost::json::value& config, Project& project);

}  // namespace caravel::cli
