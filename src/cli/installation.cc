#include "cli/installation.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "daemon/client/build_tree.h"

namespace caravel::cli {
namespace {

#if defined(__aarch64__)
constexpr std::string_view kCpu = "arm64";
#else
constexpr std::string_view kCpu = "x64";
#endif

}  // namespace

Result<Installation> FindInstallation() {
  CARAVEL_TRY(const daemon::BuildTree tree, daemon::FindBuildTree());
  const std::string modules = tree.root + "/node_modules";
  return Installation{
      .root = tree.root,
      .caraveld = tree.build + "/src/daemon/caraveld",
      .node = fmt::format("{}/node-linux-{}/bin/node", modules, kCpu),
      .wrangler = modules + "/wrangler/bin/wrangler.js",
      .esbuild = fmt::format("{}/@esbuild/linux-{}/bin/esbuild", modules, kCpu),
      .keep_compiled = tree.root + "/src/cli/keep_compiled.cjs"};
}

std::string PathWithTools(const Installation& installation) {
  const char* path = std::getenv("PATH");
  const auto folder = [](const std::string& file) {
    return std::filesystem::path(file).parent_path().string();
  };
  return fmt::format("{}:{}:{}", path == nullptr ? "/usr/bin:/bin" : path,
                     folder(installation.esbuild), folder(installation.node));
}

Status CheckProgram(std::string_view name, const std::string& path) {
  if (::access(path.c_str(), R_OK) == 0) return {};
  return Error(ErrorCode::kNotFound,
               fmt::format("{}: {} is missing", name, path))
      .Remedy("install and build: ./caravel build");
}

}  // namespace caravel::cli
