#include "cli/commands.h"
#include "cli/help.h"

namespace caravel::cli {
namespace {

constexpr Operand kHelpOperands[] = {{"COMMAND", false, "a command's name"}};

Result<int> RunHelp(Context& context, const Arguments& arguments) {
  const std::optional<std::string> name = arguments.Text("COMMAND");
  if (!name) {
    context.terminal.Print(context.terminal.AsCalled(HelpForAll()));
    return 0;
  }
  const Command* command = FindCommand(*name);
  if (command == nullptr) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("help: there is no command \"{}\"", *name))
        .Remedy("./caravel help lists them");
  }
  context.terminal.Print(context.terminal.AsCalled(HelpFor(*command)));
  return 0;
}

}  // namespace

const Command kHelpCommand{
    .name = "help",
    .summary = "say what commands there are, and what one does",
    .help = "Without a name: the list of all commands.",
    .flags = {},
    .operands = kHelpOperands,
    .run = &RunHelp};

}  // namespace caravel::cli
