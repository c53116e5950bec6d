#include "cli/project_build.h"

#include "daemon/client/child_process.h"

namespace caravel::cli {

Status RunBuild(const Installation& installation, const Project& project) {
  if (project.build.command.empty()) return {};
  daemon::ChildOptions child;
  child.command = {"/bin/sh", "-c", project.build.command};
  child.environment =
      daemon::EnvironmentWith({{"PATH", PathWithTools(installation)}});
  child.folder = project.build.folder;
  child.dies_with_parent = true;
  CARAVEL_TRY(const daemon::ChildProcess process, daemon::StartChild(child));
  CARAVEL_TRY(const daemon::Ending ending, daemon::AwaitChild(process.pidfd));
  if (ending.signal == 0 && ending.exit_code == 0) return {};
  return Error(ErrorCode::kInvalid,
               fmt::format("build.command: \"{}\": {}", project.build.command,
                           ending.ToText()))
      .Remedy("what it says above tells why");
}

}  // namespace caravel::cli
