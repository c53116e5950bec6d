#pragma once

#include <string>

#include "base/result.h"

namespace caravel::cli {

// Where the programs lie that commands start: in the build tree that this
// program stands in. A value.
struct Installation {
  std::string root;  // of the project: $CARAVEL_ROOT, else of the build tree
  std::string caraveld;
  std::string node;           // the pinned Node
  std::string wrangler;       // the pinned wrangler's script
  std::string esbuild;        // its native binary
  std::string keep_compiled;  // what Node loads before wrangler
};

// kNotFound when this program does not stand in a build tree.
Result<Installation> FindInstallation();

// The PATH for build commands of projects: what there is, and behind it our
// esbuild and Node, for machines that have none of their own.
std::string PathWithTools(const Installation& installation);

// The program at `path`, named so in the error when it is missing.
Status CheckProgram(std::string_view name, const std::string& path);

}  // namespace caravel::cli
