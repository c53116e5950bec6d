#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

namespace caravel::cli {

// What is wrong with the names of a wrangler configuration's fields, one
// sentence each: wrangler warns of them as well and goes on.
std::vector<std::string> UnknownKeyWarnings(const boost::json::object& config);

}  // namespace caravel::cli
