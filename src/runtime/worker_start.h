#pragma once

#include "registry/published.h"
#include "runtime/isolate.h"
#include "runtime/js/scope.h"
#include "runtime/module_map.h"

namespace caravel::runtime {

// Brings a Worker to life in an isolate that has none: makes `env` from the
// version's bindings and what it has of Node, evaluates the modules, and hands
// the main module's exports to the platform's script, which says what handlers
// they are.
//
// What goes wrong is in Loaded::error, as its author reads it: the exception
// with the author's frames, or the limit that was reached. `out_of_memory` is
// set by the heap's limit meanwhile. Requires: the isolate is entered, a turn's
// outbox is there, the guard has begun.
Loaded StartWorker(js::Scope& scope, ModuleMap& modules,
                   const registry::Version& version, const bool& out_of_memory);

}  // namespace caravel::runtime
