#pragma once

#include <v8.h>

#include <string>
#include <vector>

#include "runtime/inbox.h"
#include "runtime/js/function.h"

namespace caravel::runtime {

// What the platform's own TypeScript needs of the engine.
struct PlatformOps {
  static InvocationId CurrentInvocation(js::Scope& scope);

  // The exports of a lazily loaded module of the platform, compiled and run on
  // first use (runtime/web/build.mjs says what it is given).
  static v8::MaybeLocal<v8::Value> LoadLazy(js::Scope& scope, std::string name);

  // [name, "on" or "", …] of every compatibility flag, by its enabling name.
  static std::vector<std::string> CompatibilityFlags(js::Scope& scope);

  static constexpr auto Js() {
    return js::Functions(
        js::Function("currentInvocation", &CurrentInvocation),
        js::Function("loadLazy", &LoadLazy),
        js::Function("compatibilityFlags", &CompatibilityFlags));
  }
};

// What a script of the platform comes to: the function of its module.
v8::MaybeLocal<v8::Function> FunctionOf(js::Scope& scope,
                                        v8::Local<v8::Script> script);

}  // namespace caravel::runtime
