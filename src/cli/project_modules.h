#pragma once

#include <boost/json/object.hpp>

#include "cli/project.h"

namespace caravel::cli {

// Takes from a wrangler configuration how the code becomes a bundle: what
// esbuild is told, and which files are modules of their own. Warns of what
// `serve` does otherwise than a deploy. kInvalid names the field.
// Source: wrangler documentation, "Configuration", Bundling.
Status ReadModules(const boost::json::object& config, Project& project);

}  // namespace caravel::cli
