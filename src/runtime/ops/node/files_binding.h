#pragma once

#include <v8.h>

#include <string>
#include <vector>

#include "runtime/js/function.h"

namespace caravel::runtime {

// What the files of node:fs (runtime/node/files) need of the isolate: the
// modules of the Worker's bundle, as they lie in its mapping, and which
// invocations run.
//
// Threads: the one that is in the isolate.
struct NodeFilesBinding {
  // The names of the bundle's modules; source maps, which nothing imports, are
  // left out.
  static std::vector<std::string> BundleNames(js::Scope& scope);
  // The bytes of the module of that name; 0 where there is none.
  static double BundleSize(js::Scope& scope, std::string name);
  // Copies what the module has from `offset` on into `target`, as far as there
  // is room; the number of bytes.
  static uint32_t BundleRead(js::Scope& scope, std::string name, double offset,
                             js::MutableBytes target);
  static bool IsRunning(js::Scope& scope, int32_t invocation);

  static constexpr auto Js() {
    return js::Functions(js::Function("bundleNames", &BundleNames),
                         js::Function("bundleSize", &BundleSize),
                         js::Function("bundleRead", &BundleRead),
                         js::Function("isRunning", &IsRunning));
  }
};

}  // namespace caravel::runtime
