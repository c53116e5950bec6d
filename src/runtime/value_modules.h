#pragma once

#include <v8.h>

#include "registry/bundle.h"
#include "runtime/js/scope.h"

namespace caravel::runtime {

// A module of a bundle that is no code: its default export is the text, the
// bytes (ArrayBuffer), the JSON or the WebAssembly.Module that it is. Empty: V8
// holds the exception.
// Source: Workers documentation, "Bundling", rules for additional modules.
// Requires: `module` is of one of these types.
v8::MaybeLocal<v8::Module> MakeValueModule(
    js::Scope& scope, const registry::Bundle::ModuleView& module);

}  // namespace caravel::runtime
