#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace caravel::cli {

// The parsed wrangler configuration as it is for one environment ("env.NAME" in
// it): what the environment says stands in for what the top level says,
// bindings and what else is not inherited come from the environment alone, and
// the Worker is called NAME-ENVIRONMENT unless the environment names it. With
// an empty `environment`: the top level. Anything but an object comes back as
// it is. kNotFound names the environments that there are. Source: wrangler
// documentation, "Environments".
Result<boost::json::value> ForEnvironment(boost::json::value config,
                                          std::string_view environment);

// What the top level of `config` says and the environment goes without, one
// sentence each: fields that are not inherited, and of "vars" and "define" the
// entries. Those that say nothing are left out. None for an empty
// `environment`, or one that there is not.
std::vector<std::string> NotInheritedWarnings(const boost::json::value& config,
                                              std::string_view environment);

}  // namespace caravel::cli
