#include "cli/installation.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace caravel::cli {
namespace {

namespace fs = std::filesystem;

#if defined(__aarch64__)
constexpr std::string_view kCpu = "arm64";
#else
constexpr std::string_view kCpu = "x64";
#endif

}  // namespace

Result<Installation> FindInstallation() {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  // ROOT/build/PRESET/src/cli/caravel
  const fs::path build = self.parent_path().parent_path().parent_path();
  const char* root_variable = std::getenv("CARAVEL_ROOT");
  const fs::path root = root_variable != nullptr && *root_variable != '\0'
                            ? fs::path(root_variable)
                            : build.parent_path().parent_path();
  if (error || !fs::exists(root / "package.json", error)) {
    return Error(ErrorCode::kNotFound,
                 "this program does not stand in a build tree of Caravel")
        .Remedy("start it by the script ./caravel, or set CARAVEL_ROOT");
  }
  const fs::path modules = root / "node_modules";
  Installation installation;
  installation.root = root;
  installation.caraveld = build / "src/daemon/caraveld";
  installation.node = modules / fmt::format("node-linux-{}", kCpu) / "bin/node";
  installation.wrangler = modules / "wrangler/bin/wrangler.js";
  installation.esbuild =
      modules / fmt::format("@esbuild/linux-{}", kCpu) / "bin/esbuild";
  return installation;
}

Status CheckProgram(std::string_view name, const std::string& path) {
  if (::access(path.c_str(), R_OK) == 0) return {};
  return Error(ErrorCode::kNotFound,
               fmt::format("{}: {} is missing", name, path))
      .Remedy("install and build: ./caravel build");
}

}  // namespace caravel::cli
