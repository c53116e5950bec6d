#include "cli/help.h"

#include "cli/commands.h"

namespace caravel::cli {
namespace {

std::string FlagUsage(const Flag& flag) {
  const std::string name = flag.letter != '\0'
                               ? fmt::format("-{}|--{}", flag.letter, flag.name)
                               : fmt::format("--{}", flag.name);
  return flag.value.empty() ? name : fmt::format("{} {}", name, flag.value);
}

}  // namespace

std::string HelpFor(const Command& command) {
  std::string usage = fmt::format("./caravel {}", command.name);
  for (const Operand& operand : command.operands) {
    usage += operand.required ? fmt::format(" {}", operand.name)
                              : fmt::format(" [{}]", operand.name);
    if (operand.several) usage += "...";
  }
  for (const Flag& flag : command.flags) {
    usage += fmt::format(" [{}]", FlagUsage(flag));
    if (flag.kind == Flag::Kind::kList) usage += "...";
  }
  if (command.passes_rest) usage += " ...";
  std::string text =
      fmt::format("{}\n\n{}\n\n{}\n", command.summary, usage, command.help);
  constexpr int kNameWidth = 24;
  if (!command.operands.empty() || !command.flags.empty()) text += '\n';
  for (const Operand& operand : command.operands) {
    text += fmt::format("  {:{}}{}\n", operand.name, kNameWidth, operand.help);
  }
  for (const Flag& flag : command.flags) {
    text += fmt::format("  {:{}}{}\n", FlagUsage(flag), kNameWidth, flag.help);
  }
  text.pop_back();
  return text;
}

std::string HelpForAll() {
  std::string text =
      "Caravel runs Workers on your own machine.\n\n"
      "  ./caravel up          start the platform\n"
      "  ./caravel init DIR    make a project to begin with\n"
      "  ./caravel deploy DIR  deploy a project to it\n\n"
      "Commands (./caravel help NAME tells more):\n";
  for (const Command* command : kCommands) {
    text += fmt::format("  {:10}{}\n", command->name, command->summary);
  }
  text.pop_back();
  return text;
}

}  // namespace caravel::cli
