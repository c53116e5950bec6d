#include "cli/commands.h"
#include "cli/running.h"

namespace caravel::cli {
namespace {

constexpr Flag kEnvFlags[] = {kDataFlag};

// For a POSIX shell: everything but a quote stands for itself inside quotes.
std::string ShellQuote(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') {
      quoted += R"('\'')";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

Result<int> RunEnv(Context& context, const Arguments& arguments) {
  CARAVEL_TRY(const daemon::RunInfo running, RunningFrom(arguments));
  for (const auto& [name, value] : WranglerVariables(running)) {
    context.terminal.Print(
        fmt::format("export {}={}", name, ShellQuote(value)));
  }
  return 0;
}

}  // namespace

const Command kEnvCommand{
    .name = "env",
    .summary = "print the variables that point wrangler here",
    .help =
        "Lines for a shell, so that any wrangler of yours deploys here:\n\n"
        "  eval \"$(./caravel env)\"\n"
        "  npx wrangler deploy",
    .flags = kEnvFlags,
    .operands = {},
    .run = &RunEnv};

}  // namespace caravel::cli
