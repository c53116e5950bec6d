#pragma once

#include <v8.h>

#include <string_view>

#include "runtime/js/scope.h"

// The platform's own modules, which a Worker imports by name and no bundle has:
// "cloudflare:workers".
namespace caravel::runtime {

bool IsBuiltinModule(std::string_view specifier);

// A new one, of this isolate's Worker. Empty: V8 holds the exception.
// Requires: IsBuiltinModule(specifier).
v8::MaybeLocal<v8::Module> MakeBuiltinModule(js::Scope& scope,
                                             std::string_view specifier);

}  // namespace caravel::runtime
