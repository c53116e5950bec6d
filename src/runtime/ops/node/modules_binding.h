#pragma once

#include <v8.h>

#include <optional>
#include <string>

#include "runtime/js/function.h"

namespace caravel::runtime {

// What createRequire() of node:module (runtime/node/require.ts) needs: the
// modules of the Worker's bundle.
//
// Threads: the one that is in the isolate.
struct NodeModulesBinding {
  // The name of the bundle's module that `specifier` names in `referrer`, both
  // texts of at most kMostSpecifierLength characters.
  static std::optional<std::string> Find(js::Scope& scope,
                                         v8::Local<v8::Value> specifier,
                                         v8::Local<v8::Value> referrer);
  // The namespace of the module of that name, which is evaluated; "cycle" or
  // "async" where it cannot be (runtime/module_map.h). Throws what it throws.
  static v8::MaybeLocal<v8::Value> Evaluate(js::Scope& scope, std::string name);
  // Whether require() gives its default export, when it has one.
  static bool GivesDefault(js::Scope& scope, std::string name);

  static constexpr auto Js() {
    return js::Functions(js::Function("find", &Find),
                         js::Function("evaluate", &Evaluate),
                         js::Function("givesDefault", &GivesDefault));
  }
};

}  // namespace caravel::runtime
