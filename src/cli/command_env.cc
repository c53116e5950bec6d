#include "cli/api_view.h"
#include "cli/commands.h"
#include "cli/running.h"
#include "cli/shell_quote.h"

namespace caravel::cli {
namespace {

constexpr Flag kEnvFlags[] = {kAccountFlag, kDataFlag};

Result<int> PrintVariables(Context& context, const Arguments& arguments) {
  CARAVEL_TRY(const daemon::RunInfo running, RunningFrom(arguments));
  CARAVEL_TRY(const ChosenAccount account, AccountOf(running, arguments));
  for (const auto& [name, value] : WranglerVariables(running, account)) {
    context.terminal.Print(
        fmt::format("export {}={}", name, ShellQuote(value)));
  }
  return 0;
}

Result<int> RunEnv(Context& context, const Arguments& arguments) {
  Result<int> printed = PrintVariables(context, arguments);
  // What `eval` ends with: else the wrangler behind it would go on, with the
  // variables that the shell had before, to somewhere else.
  if (!printed) context.terminal.Print("false");
  return printed;
}

}  // namespace

const Command kEnvCommand{
    .name = "env",
    .summary = "print the variables that point wrangler here",
    .help =
        "Lines for a shell, so that any wrangler of yours deploys here:\n\n"
        "  eval \"$(./caravel env)\" && npx wrangler deploy\n\n"
        "Where Caravel is not up, eval fails, so that wrangler does not go\n"
        "elsewhere. wrangler then prints addresses without the port, or, an "
        "older\n"
        "one, under workers.dev: `./caravel status` says where Workers answer.",
    .flags = kEnvFlags,
    .operands = {},
    .run = &RunEnv};

}  // namespace caravel::cli
