#include "cli/commands.h"

#include <array>

namespace caravel::cli {
namespace {

constexpr std::array kAllCommands = {
    &kUpCommand,       &kDownCommand,    &kStatusCommand, &kLogsCommand,
    &kOpenCommand,     &kEnvCommand,     &kInitCommand,   &kDeployCommand,
    &kWranglerCommand, &kZoneCommand,    &kTokenCommand,  &kAccountCommand,
    &kMemberCommand,   &kAuditCommand,   &kCronCommand,   &kServeCommand,
    &kBuildCommand,    &kTestCommand,    &kBenchCommand,  &kCheckCommand,
    &kFormatCommand,   &kVersionCommand, &kHelpCommand};

}  // namespace

const std::span<const Command* const> kCommands = kAllCommands;

const Command* FindCommand(std::string_view name) {
  for (const Command* command : kCommands) {
    if (command->name == name) return command;
  }
  return nullptr;
}

}  // namespace caravel::cli
