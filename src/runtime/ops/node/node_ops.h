#pragma once

#include <v8.h>

#include <string>
#include <string_view>
#include <vector>

#include "runtime/js/function.h"
#include "runtime/node_library.h"

namespace caravel::runtime {

// What the platform's TypeScript (runtime/node) needs to run Node's library.
struct NodeOps {
  // The module as a function of (exports, require, module, process,
  // internalBinding, primordials); those of internal/per_context take (exports,
  // primordials, privateSymbols, perIsolateSymbols). null: there is none of
  // that id.
  static v8::MaybeLocal<v8::Value> NodeCompile(js::Scope& scope,
                                               std::string id);
  // The ids of all modules of the library.
  static std::vector<std::string> NodeModules(js::Scope& scope);
  // The native functions of one internal binding, made on each call; null: none
  // of that name has any.
  static v8::MaybeLocal<v8::Value> NodeBinding(js::Scope& scope,
                                               std::string name);

  static constexpr auto Js() {
    return js::Functions(js::Function("nodeCompile", &NodeCompile),
                         js::Function("nodeModules", &NodeModules),
                         js::Function("nodeBinding", &NodeBinding));
  }
};

// `module` compiled, with its code cache if it has one and V8 takes it; else
// with `options`.
v8::MaybeLocal<v8::Function> CompileNodeModule(
    js::Scope& scope, std::string_view id, const NodeLibrary::Module& module,
    v8::ScriptCompiler::CompileOptions options =
        v8::ScriptCompiler::kNoCompileOptions);

}  // namespace caravel::runtime
