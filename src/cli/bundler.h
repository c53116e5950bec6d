#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/lifetime.h"
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
  // `colours`: of what esbuild tells.
  static Result<Bundler> Start(const Installation& installation,
                               const Project& project, bool colours);

  // Waits for esbuild; the bytes of a bundle file (registry/bundle.h). esbuild
  // has told on standard error what is wrong with the code, with file and line;
  // the Error then only says that.
  Result<std::string> Finish();

  // What esbuild has told, without colours.
  const std::string& told() const CARAVEL_LIFETIME_BOUND { return told_; }

  // The files that the bundle was made of, absolute. Requires: Finish() has
  // succeeded.
  const std::vector<std::string>& inputs() const CARAVEL_LIFETIME_BOUND {
    return inputs_;
  }

  // What esbuild is called with, for tests.
  static std::vector<std::string> CommandFor(const Installation& installation,
                                             const Project& project,
                                             const std::string& output_folder);

 private:
  Bundler(TemporaryFolder output, const Project& project,
          daemon::ChildProcess process, base::Fd errors)
      : output_(std::move(output)),
        folder_(project.folder),
        files_(project.files),
        process_(std::move(process)),
        errors_(std::move(errors)) {}

  // Until esbuild has ended.
  void CopyErrors();

  TemporaryFolder output_;
  std::string folder_;  // of the project, where esbuild's paths begin
  std::vector<FileType> files_;
  daemon::ChildProcess process_;
  base::Fd errors_;  // of esbuild
  std::string told_;
  std::vector<std::string> inputs_;
};

}  // namespace caravel::cli
