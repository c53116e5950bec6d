// The `caravel` command: words in, a command of the list run, an exit code out.
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "cli/commands.h"
#include "cli/help.h"
#include "cli/installation.h"
#include "cli/parse.h"
#include "cli/terminal.h"
#include "daemon/client/exit_code.h"

namespace caravel::cli {
namespace {

Result<int> RunCommandLine(const std::vector<std::string>& words,
                           Terminal& terminal) {
  CARAVEL_TRY(const Invocation invocation, ParseCommandLine(words));
  if (invocation.wants_help) {
    terminal.Print(terminal.AsCalled(invocation.command == nullptr
                                         ? HelpForAll()
                                         : HelpFor(*invocation.command)));
    return 0;
  }
  CARAVEL_TRY(const Installation installation, FindInstallation());
  Context context{installation, terminal};
  return invocation.command->run(context, invocation.arguments);
}

// The script ./caravel says by which path it was called.
std::string CalledAs() {
  const char* called = std::getenv("CARAVEL_CALLED_AS");
  return called == nullptr || *called == '\0' ? "./caravel" : called;
}

}  // namespace
}  // namespace caravel::cli

int main(int count, char** words) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that left is no reason to die
  caravel::cli::Terminal terminal(STDOUT_FILENO, STDERR_FILENO,
                                  caravel::cli::CalledAs());
  const caravel::Result<int> code =
      caravel::cli::RunCommandLine({words + 1, words + count}, terminal);
  if (code) return *code;
  terminal.PrintError(code.error());
  return caravel::daemon::ExitCodeFor(code.error().code());
}
