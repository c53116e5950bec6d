#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "daemon/client/run_info.h"

namespace caravel::cli {

// Asks the REST API of the Caravel that runs, with the first account's token.
// `path` begins after the version: "/zones?name=example.com". Returns what the
// envelope carries; an error of the API comes back with its message. Blocks,
// for half a minute at most.
Result<boost::json::value> AskApi(
    const daemon::RunInfo& running, std::string_view method,
    std::string_view path,
    const std::optional<boost::json::value>& body = std::nullopt);

}  // namespace caravel::cli
