#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace caravel::daemon {

// A TOML document (v1.0.0) as the JSON value that has the same tables, arrays
// and scalars; dates and times become text. `name` is the file's, for the
// error: "caravel.toml:3:7: …" with line and column.
Result<boost::json::value> ParseToml(std::string_view text,
                                     std::string_view name);

}  // namespace caravel::daemon
