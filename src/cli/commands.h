#pragma once

#include <span>

#include "cli/command.h"

namespace caravel::cli {

// Every command, in the order of the help.
extern const std::span<const Command* const> kCommands;

// nullptr when there is none of that name.
const Command* FindCommand(std::string_view name);

extern const Command kUpCommand;
extern const Command kDownCommand;
extern const Command kStatusCommand;
extern const Command kLogsCommand;
extern const Command kEnvCommand;
extern const Command kWranglerCommand;
extern const Command kDeployCommand;
extern const Command kZoneCommand;
extern const Command kTokenCommand;
extern const Command kAccountCommand;
extern const Command kMemberCommand;
extern const Command kAuditCommand;
extern const Command kServeCommand;
extern const Command kCronCommand;
extern const Command kOpenCommand;
extern const Command kInitCommand;
extern const Command kBuildCommand;
extern const Command kTestCommand;
extern const Command kBenchCommand;
extern const Command kCheckCommand;
extern const Command kFormatCommand;
extern const Command kVersionCommand;
extern const Command kHelpCommand;

}  // namespace caravel::cli
