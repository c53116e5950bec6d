#include "cli/commands.h"
#include "daemon/client/version.h"

namespace caravel::cli {
namespace {

Result<int> RunVersion(Context& context, const Arguments&) {
  context.terminal.Print(fmt::format("caravel {}", daemon::Version()));
  return 0;
}

}  // namespace

const Command kVersionCommand{.name = "version",
                              .summary = "say which version of Caravel this is",
                              .help = "--version does the same.",
                              .flags = {},
                              .operands = {},
                              .run = &RunVersion};

}  // namespace caravel::cli
