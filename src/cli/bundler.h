#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/installation.h"
#include "cli/project.h"
#include "cli/temporary_folder.h"
#include "daemon/client/child_process.h"

namespace caravel::cli {

// Bundles a project as wrangler does, by running esbuild's native binary at
// once: no Node is started. Start() returns while esbuild works, so that a host
// can boot meanwhile.
class Bundler {
 public:
  static Result<Bundler> Start(const Installation& installation,
                               const Project& project);

  // Waits for esbuild; the bytes of a bundle file (registry/bundle.h). esbuild
  // itself has told on standard error what is wrong with the code, with file
  // and line; the Error then only says that.
  Result<std::string> Finish();

  // What esbuild is called with, for tests.
  static std::vector<std::string> CommandFor(const Installation& installation,
                                             const Project& project,
                                             const std::string& output_folder);

 private:
  Bundler(TemporaryFolder output, daemon::ChildProcess process)
      : output_(std::move(output)), process_(std::move(process)) {}

  TemporaryFolder output_;
  daemon::ChildProcess process_;
};

}  // namespace caravel::cli
