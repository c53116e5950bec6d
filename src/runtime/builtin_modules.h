#pragma once

#include <v8.h>

#include <string_view>

#include "runtime/js/scope.h"

// The modules that a Worker imports by name and no bundle has: the platform's
// own, "cloudflare:workers" and "cloudflare:node", and those of Node.
namespace caravel::runtime {

// For a Worker that has Node's modules, or not.
bool IsBuiltinModule(std::string_view specifier, bool node);

// A new one, of this isolate's Worker. Empty: V8 holds the exception.
// Requires: IsBuiltinModule(specifier, …).
v8::MaybeLocal<v8::Module> MakeBuiltinModule(js::Scope& scope,
                                             std::string_view specifier);

// A new one of Node's, with and without "node:". Empty without an exception:
// the specifier names none, or one that is not built.
v8::MaybeLocal<v8::Module> MakeNodeModule(js::Scope& scope,
                                          std::string_view specifier);

}  // namespace caravel::runtime
