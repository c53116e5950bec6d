#include "daemon/client/build_tree.h"

#include <cstdlib>
#include <filesystem>

namespace caravel::daemon {

Result<BuildTree> FindBuildTree() {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  const fs::path build = self.parent_path().parent_path().parent_path();
  const char* variable = std::getenv("CARAVEL_ROOT");
  const fs::path root = variable != nullptr && *variable != '\0'
                            ? fs::path(variable)
                            : build.parent_path().parent_path();
  if (error || !fs::exists(root / "package.json", error)) {
    return Error(ErrorCode::kNotFound,
                 "this program does not stand in a build tree of Caravel")
        .Remedy("start it by the script ./caravel, or set CARAVEL_ROOT");
  }
  return BuildTree{.root = root, .build = build};
}

}  // namespace caravel::daemon
