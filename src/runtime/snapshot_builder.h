#pragma once

#include <node.h>

#include <string>

#include "base/result.h"

namespace caravel::runtime {

// What BuildSnapshot() reads and writes.
struct SnapshotFiles {
  std::string script;        // the output of runtime/web/build.mjs
  std::string lazy_folder;   // which also has NAME.js there
  std::string node_folder;   // ID.js, the output of runtime/node/build.mjs
  std::string web_warm_up;   // runtime/web/warm_up.js
  std::string node_warm_up;  // runtime/node/warm_up.js
  std::string snapshot;      // written
};

// Makes the startup snapshot: an isolate whose context has run the platform's
// script, with the functions compiled that plain requests call; then, in
// isolates of that snapshot as V8 takes no others, a code cache NAME.cache for
// each NAME.js in the folder of lazy modules, and there the library of Node's
// modules. Run by the build, through the addon in the very Node binary that
// will load them.
Status BuildSnapshot(node::MultiIsolatePlatform& platform,
                     const SnapshotFiles& files);

// The order in which values were attached to the snapshot's context. The script
// is there only where the build has yet to learn what is called of it.
enum SnapshotData : size_t {
  kDispatchObject = 0,
  kNativeObject = 1,
  kPlatformScript = 2
};

}  // namespace caravel::runtime
