#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "cli/project.h"

namespace caravel::cli {

// Names and values of a dotenv file, in its order, as the npm package dotenv
// reads them: "export " in front is passed over, '#' begins a comment outside
// of quotes, '…', "…" and `…` may span lines, and \n and \r are line ends
// within "…" only. Lines of no such form are passed over. Source: README of
// dotenv, "What rules does the parsing engine follow?".
std::vector<std::pair<std::string, std::string>> ParseDotEnv(
    std::string_view text);

// The files that may hold secrets of the project, there or not.
std::vector<std::string> SecretFiles(const Project& project,
                                     std::string_view environment);

// Takes what `wrangler dev` takes from files beside the configuration:
// .dev.vars.ENVIRONMENT, else .dev.vars; without either .env, .env.local,
// .env.ENVIRONMENT and .env.ENVIRONMENT.local, of which later ones win. Their
// values are secrets of the Worker and stand in for vars of the same name. The
// paths of what was read, with commas; empty: there is none. Source: Workers
// documentation, "Secrets", "Local development".
Result<std::string> AddDevVars(std::string_view environment, Project& project);

}  // namespace caravel::cli
