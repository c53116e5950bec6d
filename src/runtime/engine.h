#pragma once

#include <node.h>
#include <v8.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/lifetime.h"
#include "base/result.h"
#include "runtime/node_library.h"
#include "runtime/platform_snapshot.h"

namespace caravel::runtime {

class CodeRecorder;

// What all isolates of a process share: V8's platform, the startup snapshot and
// the platform's lazily loaded modules. Built once in the addon's entry, before
// the sandbox closes (it reads files); immutable afterwards, any thread may
// read.
class Engine {
 public:
  // A lazily loaded module of the platform: its source, and the code cache that
  // the build made for it.
  struct LazyModule {
    std::string source;
    std::string code_cache;
  };

  // `snapshot` is the file that BuildSnapshot() wrote with this very addon and
  // V8, `lazy_folder` holds NAME.js and NAME.cache and Node's library.
  // `platform` outlives this. `recorder`, which the build has and a host has
  // not, gathers the code of the one isolate that is made.
  static Result<std::unique_ptr<Engine>> Create(
      node::MultiIsolatePlatform& platform, const std::string& snapshot,
      const std::string& lazy_folder, CodeRecorder* recorder = nullptr);

  CodeRecorder* recorder() const { return recorder_; }

  node::MultiIsolatePlatform& platform() const { return platform_; }
  const PlatformSnapshot& snapshot() const CARAVEL_LIFETIME_BOUND {
    return *snapshot_;
  }
  using LazyModules = std::map<std::string, LazyModule, std::less<>>;
  const LazyModules& lazy_modules() const CARAVEL_LIFETIME_BOUND {
    return lazy_;
  }
  // nullptr when there is none of that name.
  const LazyModule* FindLazy(std::string_view name) const
      CARAVEL_LIFETIME_BOUND;

  // Node's own library, for Workers that use node:* modules.
  const NodeLibrary& node_library() const CARAVEL_LIFETIME_BOUND {
    return *node_library_;
  }

 private:
  Engine(node::MultiIsolatePlatform& platform, CodeRecorder* recorder)
      : platform_(platform), recorder_(recorder) {}

  node::MultiIsolatePlatform& platform_;
  CodeRecorder* const recorder_;
  std::unique_ptr<PlatformSnapshot> snapshot_;
  LazyModules lazy_;
  std::unique_ptr<NodeLibrary> node_library_;
};

}  // namespace caravel::runtime
