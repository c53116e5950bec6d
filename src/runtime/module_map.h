#pragma once

#include <v8.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/lifetime.h"
#include "registry/bundle.h"
#include "runtime/common_js.h"
#include "runtime/js/scope.h"
#include "runtime/source_maps.h"

namespace caravel::runtime {

// More than any name of a module needs. A text of hundreds of megabytes would
// be copied in one call that nothing can end.
inline constexpr int kMostSpecifierLength = 64 << 10;

// The modules of one Worker: compiles those of its bundle, resolves imports
// among them and to the platform's own (runtime/builtin_modules.h), and refuses
// the others by name.
// Source: ECMAScript, "HostLoadImportedModule".
//
// Threads: the one that is in the isolate.
class ModuleMap {
 public:
  // `bundle` stays mapped for as long as the map lives: sources are used where
  // they lie. `has_node`: modules of Node can be imported.
  ModuleMap(std::shared_ptr<const registry::Bundle> bundle,
            std::string_view code_cache, bool has_node);

  // The main module, compiled, linked and evaluated as far as it goes without
  // waiting. Empty: V8 holds the exception. The value is the promise of its
  // evaluation (top-level await). Requires: it is no script.
  v8::MaybeLocal<v8::Promise> Start(js::Scope& scope);

  // The script that is the main module, run. False: V8 holds the exception.
  bool RunScript(js::Scope& scope);

  // The namespace of the main module. Requires: Start() succeeded.
  v8::Local<v8::Object> MainNamespace(js::Scope& scope) const;

  // How its author calls the main module: the entry file, which bundlers put
  // last, where there is a source map.
  std::string MainSource(js::Scope& scope);

  // import() at run time, of a module of the bundle or the platform.
  v8::MaybeLocal<v8::Promise> Import(js::Scope& scope,
                                     v8::Local<v8::String> specifier,
                                     std::string_view referrer);

  // The module of the bundle that `specifier` names in the module `referrer`;
  // nullptr: none.
  const registry::Bundle::ModuleView* Find(std::string_view specifier,
                                           std::string_view referrer) const
      CARAVEL_LIFETIME_BOUND;

  // What require() of a module of the bundle comes to.
  enum class Required { kDone, kInCycle, kAsync, kFailed };
  struct RequiredModule {
    Required outcome;
    v8::Local<v8::Object> exports;  // kDone: the namespace
  };
  // The module, evaluated before this returns. kInCycle: it, or one that it
  // imports, is being linked or evaluated on this very stack; kAsync: one has a
  // top-level await; kFailed: V8 holds the exception.
  RequiredModule Require(js::Scope& scope,
                         const registry::Bundle::ModuleView& module);

  // require() of what `specifier` names in the CommonJS module `referrer`: of
  // another one its exports, of an ES module the namespace or, where the
  // Worker's date says so and there is one, the default export, of all others
  // their value. Empty: V8 holds the exception.
  // Source: Workers documentation, "Compatibility flags",
  // require_returns_default_export.
  v8::MaybeLocal<v8::Value> RequireFrom(js::Scope& scope,
                                        std::string_view specifier,
                                        std::string_view referrer);

  const registry::Bundle& bundle() const CARAVEL_LIFETIME_BOUND {
    return *bundle_;
  }

  // Whether an import was refused that may be of a module of Node.
  bool refused_node_module() const { return refused_node_module_; }

  // Whether a call that was ended just now was ended while a module was being
  // evaluated: V8 leaves that in no state to be imported again.
  bool interrupted() const { return interrupted_; }

  // `stack` in terms of the author's files (runtime/stack_text.h).
  std::string Rewrite(js::Scope& scope, std::string_view stack);

  // What CodeCache() of Isolate returns: all caches of code in one string.
  std::string MakeCodeCache(js::Scope& scope);

 private:
  struct Entry {
    v8::Global<v8::Module> module;
    // Compiled code, from which a code cache can be made.
    v8::Global<v8::UnboundModuleScript> unbound;
  };

  v8::MaybeLocal<v8::Module> Load(js::Scope& scope,
                                  const registry::Bundle::ModuleView& module);
  v8::MaybeLocal<v8::Module> LoadEsModule(
      js::Scope& scope, const registry::Bundle::ModuleView& module);
  // The module whose default export are the exports of that CommonJS module,
  // which runs when V8 evaluates it.
  v8::Local<v8::Module> LoadCommonJs(js::Scope& scope, std::string name);
  v8::MaybeLocal<v8::Function> CompileCommonJs(
      js::Scope& scope, const registry::Bundle::ModuleView& module,
      v8::LocalVector<v8::String>& parameters);
  v8::MaybeLocal<v8::Value> CommonJsExports(
      js::Scope& scope, const registry::Bundle::ModuleView& module);
  // `module`, linked, evaluated by now.
  RequiredModule EvaluateNow(js::Scope& scope, v8::Local<v8::Module> module);
  // With its code cache, where there is one.
  v8::ScriptCompiler::Source SourceFor(
      js::Scope& scope, const registry::Bundle::ModuleView& module) const;
  v8::MaybeLocal<v8::Module> LoadBuiltin(js::Scope& scope,
                                         std::string_view specifier);
  // Empty without an exception: the specifier names no module of Node.
  v8::MaybeLocal<v8::Module> LoadNodeModule(js::Scope& scope,
                                            std::string_view specifier);
  // A place in a module's source; both from 1 on.
  struct Place {
    int line = 0;  // 0: not known
    int column = 0;
  };
  // Who imports.
  struct Importer {
    std::string_view name;         // the module's
    v8::Local<v8::Module> module;  // empty: it calls import()
    Place call;                    // of import()
  };
  v8::MaybeLocal<v8::Module> Resolve(js::Scope& scope,
                                     std::string_view specifier,
                                     const Importer& importer);
  // Where `specifier` is imported: the author's file and line as far as the
  // source map knows, else the module's name.
  std::string SourceOf(js::Scope& scope, std::string_view specifier,
                       const Importer& importer);
  // Where the running code of `module` is.
  static Place PlaceOfCall(js::Scope& scope, std::string_view module);
  static Place PlaceOf(js::Scope& scope, std::string_view specifier,
                       const Importer& importer);

  // Whether all imports of the module and its own resolve; false: V8 holds the
  // exception.
  bool Link(js::Scope& scope, v8::Local<v8::Module> module);
  // Module::Evaluate(), noting whether it was ended.
  v8::MaybeLocal<v8::Value> Evaluate(js::Scope& scope,
                                     v8::Local<v8::Module> module);
  // Whether the linked module, or one that it imports, is under evaluation.
  bool IsInEvaluation(js::Scope& scope, v8::Local<v8::Module> module);
  v8::MaybeLocal<v8::Promise> ImportNow(js::Scope& scope,
                                        std::string_view specifier,
                                        const Importer& importer);
  static void ImportInMicrotask(
      const v8::FunctionCallbackInfo<v8::Value>& info);
  static v8::MaybeLocal<v8::Module> ResolveCallback(
      v8::Local<v8::Context> context, v8::Local<v8::String> specifier,
      v8::Local<v8::FixedArray> attributes, v8::Local<v8::Module> referrer);
  std::string NameOf(js::Scope& scope, v8::Local<v8::Module> module) const;

  std::shared_ptr<const registry::Bundle> bundle_;
  const bool has_node_;
  std::map<std::string, std::string, std::less<>> code_caches_;
  std::map<std::string, Entry, std::less<>> entries_;
  v8::Global<v8::UnboundScript> script_;  // of a service worker
  // By the module's identity hash: its name.
  std::unordered_multimap<int, std::pair<v8::Global<v8::Module>, std::string>>
      names_;
  CommonJsModules common_js_;
  SourceMaps source_maps_;
  bool refused_node_module_ = false;
  bool linking_ = false;
  bool interrupted_ = false;
};

}  // namespace caravel::runtime
