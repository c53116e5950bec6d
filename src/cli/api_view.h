#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/command.h"
#include "daemon/client/run_info.h"

// What commands that ask the REST API do alike.
namespace caravel::cli {

// A command with the Caravel that runs, and what was said.
struct ApiCommand {
  const daemon::RunInfo& running;
  const Arguments& arguments;
  Terminal& terminal;

  // `value` with --json, else `text`.
  void Print(const boost::json::value& value, std::string_view text) const;
};

// One of a command's actions, such as `list` of `token list`.
struct ApiAction {
  std::string_view name;
  Status (*run)(const ApiCommand& command);
};

// Runs the action that the operand ACTION names. kInvalid lists those there
// are.
Result<int> RunAction(Context& context, const Arguments& arguments,
                      std::string_view command,
                      std::span<const ApiAction> actions);

// The text under `key`; empty where there is none.
std::string TextIn(const boost::json::value& object, std::string_view key);

// Every item of a list that comes in pages. `path` has no query.
Result<std::vector<boost::json::value>> AllOf(const daemon::RunInfo& running,
                                              std::string_view path);

// The account of that name, subdomain or id. kNotFound, with the nearest name.
Result<boost::json::value> FindAccount(const daemon::RunInfo& running,
                                       const std::string& account);

// The id of the account that --account names; of the first one where it names
// none.
Result<std::string> AccountIdOf(const ApiCommand& command);

// A table for people, the columns as wide as they need: a head and rows of as
// many cells.
std::string Table(const Terminal& terminal,
                  const std::vector<std::string>& head,
                  const std::vector<std::vector<std::string>>& rows);

}  // namespace caravel::cli
