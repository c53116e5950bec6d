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
  return Create(scope, name, names, std::move(kept));
}

v8::Local<v8::Module> SyntheticModules::MakeLate(js::Scope& scope,
                                                 std::string_view name,
                                                 Evaluation evaluate) {
  v8::LocalVector<v8::String> names(scope.isolate());
  names.push_back(scope.Name("default"));
  Kept kept;
  kept.evaluate = std::move(evaluate);
  return Create(scope, name, names, std::move(kept));
}

v8::Local<v8::Module> SyntheticModules::Create(
    js::Scope& scope, std::string_view name,
    v8::LocalVector<v8::String>& exports, Kept kept) {
  const v8::Local<v8::Module> module = v8::Module::CreateSyntheticModule(
      scope.isolate(), js::NewString(scope, name),
      v8::MemorySpan<const v8::Local<v8::String>>(exports.data(),
                                                  exports.size()),
      &Evaluate);
  kept.module.Reset(scope.isolate(), module);
  modules_.emplace(module->GetIdentityHash(), std::move(kept));
  return module;
}

SyntheticModules::Kept* SyntheticModules::Find(v8::Local<v8::Module> module) {
  const auto [begin, end] = modules_.equal_range(module->GetIdentityHash());
  for (auto kept = begin; kept != end; ++kept) {
    if (kept->second.module == module) return &kept->second;
  }
  return nullptr;
}

v8::MaybeLocal<v8::Value> SyntheticModules::Evaluate(
    v8::Local<v8::Context> context, v8::Local<v8::Module> module) {
  js::Scope scope(v8::Isolate::GetCurrent());
  Kept* kept = scope.state().synthetic_modules->Find(module);
  CARAVEL_CHECK(kept != nullptr);
  const auto set = [&](std::string_view name, v8::Local<v8::Value> value) {
    return module
        ->SetSyntheticModuleExport(scope.isolate(), js::NewString(scope, name),
                                   value)
        .FromMaybe(false);
  };
  if (kept->evaluate) {
    // It may make modules, and what it holds is not needed again.
    const Evaluation evaluate = std::exchange(kept->evaluate, {});
    v8::Local<v8::Value> value;
    if (!evaluate(scope).ToLocal(&value) || !set("default", value)) return {};
  }
  for (const auto& [name, value] : kept->values) {
    if (!set(name, value.Get(scope.isolate()))) return {};
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
