#pragma once

#include <v8.h>

#include "registry/bundle.h"
#include "runtime/js/scope.h"

namespace caravel::runtime {

// What a module of a bundle is that is no code: the text, the bytes
// (ArrayBuffer), the JSON or the WebAssembly.Module. Empty: V8 holds the
// exception.
// Source: Workers documentation, "Bundling", rules for additional modules.
// Requires: `module` is of one of these types.
v8::MaybeLocal<v8::Value> ValueOf(js::Scope& scope,
                                  const registry::Bundle::ModuleView& module);

// The module whose default export that is. Requires: as above.
v8::MaybeLocal<v8::Module> MakeValueModule(
    js::Scope& scope, const registry::Bundle::ModuleView& module);

}  // namespace caravel::runtime
