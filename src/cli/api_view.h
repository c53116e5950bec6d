#pragma once

#include <boost/json/value.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/command.h"
#include "cli/running.h"
#include "daemon/client/run_info.h"

// What commands that ask the REST API do alike.
namespace caravel::cli {

// A command with the Caravel that runs, and what was said.
struct ApiCommand {
  std::string_view name;  // "token"
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

// The text under `key`, harmless to a terminal (cli/shown_text.h); empty where
// there is none.
std::string TextIn(const boost::json::value& object, std::string_view key);

// What stands for an operand of the command; kInvalid where it is missing:
// `kind`, "a name", and the remedy.
Result<std::string> OperandOf(const ApiCommand& command,
                              std::string_view operand, std::string_view kind,
                              std::string_view remedy);

// The one of `all` with that id, else of that name; kNotFound, with the nearest
// name. `keys` are those that name one. kConflict: there are several, for names
// are given by others.
Result<boost::json::value> OnlyOne(const std::vector<boost::json::value>& all,
                                   std::string_view kind,
                                   const std::string& wanted,
                                   std::span<const std::string_view> keys);

// A text within a query (RFC 3986, section 2).
std::string InQuery(std::string_view text);

// Every item of a list that comes in pages. `path` may have a query.
Result<std::vector<boost::json::value>> AllOf(const daemon::RunInfo& running,
                                              std::string_view path);

// The account of that name, subdomain or id, as the API shows it.
Result<boost::json::value> FindAccount(const daemon::RunInfo& running,
                                       const std::string& account);

// The same, as what commands take it for.
Result<ChosenAccount> AccountNamed(const daemon::RunInfo& running,
                                   const std::string& account);

// The account that --account names; the first one where it names none.
Result<ChosenAccount> AccountOf(const daemon::RunInfo& running,
                                const Arguments& arguments);
Result<std::string> AccountIdOf(const ApiCommand& command);

// A table for people, the columns as wide as they need: a head and rows of as
// many cells. What stands in a cell cannot pass for several: of spaces in a row
// all but the first are written as \x20.
std::string Table(const Terminal& terminal,
                  const std::vector<std::string>& head,
                  std::vector<std::vector<std::string>> rows);

}  // namespace caravel::cli
