#pragma once

#include <node.h>

#include <string>

#include "base/result.h"

namespace caravel::runtime {

// Makes the startup snapshot: an isolate whose context has run the platform's
// script (`script_file`, the output of runtime/web/build.mjs), written to
// `snapshot_file`; then, in an isolate of that snapshot as V8 takes no others,
// a code cache NAME.cache for each NAME.js in `lazy_folder`, and there the
// library of Node's modules, from the files ID.js under `node_folder` (the
// output of runtime/node/build.mjs). Run by the build, through the addon in the
// very Node binary that will load them.
Status BuildSnapshot(node::MultiIsolatePlatform& platform,
                     const std::string& script_file,
                     const std::string& lazy_folder,
                     const std::string& node_folder,
                     const std::string& snapshot_file);

// The order in which values were attached to the snapshot's context.
enum SnapshotData : size_t { kDispatchObject = 0, kNativeObject = 1 };

}  // namespace caravel::runtime
