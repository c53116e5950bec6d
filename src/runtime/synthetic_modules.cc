#include "runtime/synthetic_modules.h"

#include "runtime/isolate_state.h"
#include "runtime/js/convert.h"

namespace caravel::runtime {

v8::Local<v8::Module> SyntheticModules::Make(js::Scope& scope,
                                             std::string_view name,
                                             Exports exports) {
  v8::LocalVector<v8::String> names(scope.isolate());
  Kept kept;
  for (auto& [export_name, value] : exports) {
    names.push_back(js::NewString(scope, export_name));
    kept.values.emplace_back(std::move(export_name),
                             v8::Global<v8::Value>(scope.isolate(), value));
  }
  const v8::Local<v8::Module> module = v8::Module::CreateSyntheticModule(
      scope.isolate(), js::NewString(scope, name),
      v8::MemorySpan<const v8::Local<v8::String>>(names.data(), names.size()),
      &Evaluate);
  kept.module.Reset(scope.isolate(), module);
  modules_.emplace(module->GetIdentityHash(), std::move(kept));
  return module;
}

v8::MaybeLocal<v8::Value> SyntheticModules::Evaluate(
    v8::Local<v8::Context> context, v8::Local<v8::Module> module) {
  js::Scope scope(v8::Isolate::GetCurrent());
  const auto [begin, end] =
      scope.state().synthetic_modules->modules_.equal_range(
          module->GetIdentityHash());
  for (auto exports = begin; exports != end; ++exports) {
    if (exports->second.module != module) continue;
    for (const auto& [name, value] : exports->second.values) {
      if (!module
               ->SetSyntheticModuleExport(scope.isolate(),
                                          js::NewString(scope, name),
                                          value.Get(scope.isolate()))
               .FromMaybe(false)) {
        return {};
      }
    }
  }
  const PromiseHooks::Pause pause(scope);
  v8::Local<v8::Promise::Resolver> resolver;
  if (!v8::Promise::Resolver::New(context).ToLocal(&resolver) ||
      !resolver->Resolve(context, v8::Undefined(scope.isolate()))
           .FromMaybe(false)) {
    return {};
  }
  return resolver->GetPromise().As<v8::Value>();
}

}  // namespace caravel::runtime
