// require() of modules of the bundle, which CommonJS modules have and Node's
// createRequire() gives.
#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "runtime/isolate_state.h"
#include "runtime/js/convert.h"
#include "runtime/module_map.h"
#include "runtime/synthetic_modules.h"

namespace caravel::runtime {

ModuleMap::RequiredModule ModuleMap::Require(
    js::Scope& scope, const registry::Bundle::ModuleView& view) {
  // Imports of Node's modules run code of the Worker's, which may come here
  // while V8 links.
  if (linking_) return {Required::kInCycle, {}};
  v8::Local<v8::Module> module;
  if (!Load(scope, view).ToLocal(&module) || !Link(scope, module)) {
    return {Required::kFailed, {}};
  }
  return EvaluateNow(scope, module);
}

ModuleMap::RequiredModule ModuleMap::EvaluateNow(js::Scope& scope,
                                                 v8::Local<v8::Module> module) {
  if (module->IsGraphAsync()) return {Required::kAsync, {}};
  if (IsInEvaluation(scope, module)) return {Required::kInCycle, {}};
  v8::Local<v8::Value> evaluation;
  if (!Evaluate(scope, module).ToLocal(&evaluation)) {
    return {Required::kFailed, {}};
  }
  const auto promise = evaluation.As<v8::Promise>();
  if (promise->State() == v8::Promise::kRejected) {
    promise->MarkAsHandled();
    scope.isolate()->ThrowException(promise->Result());
    return {Required::kFailed, {}};
  }
  if (promise->State() == v8::Promise::kPending) return {Required::kAsync, {}};
  return {Required::kDone, module->GetModuleNamespace().As<v8::Object>()};
}

v8::MaybeLocal<v8::Value> ModuleMap::CommonJsExports(
    js::Scope& scope, const registry::Bundle::ModuleView& module) {
  return common_js_.Exports(
      scope, module.name,
      [this, &module](js::Scope& inner,
                      v8::LocalVector<v8::String>& parameters) {
        return CompileCommonJs(inner, module, parameters);
      });
}

v8::Local<v8::Module> ModuleMap::LoadCommonJs(js::Scope& scope,
                                              std::string name) {
  return scope.state().synthetic_modules->MakeLate(
      scope, name, [name](js::Scope& inner) {
        ModuleMap& map = *inner.state().modules;
        return map.CommonJsExports(inner, *map.bundle_->Find(name));
      });
}

v8::MaybeLocal<v8::Value> ModuleMap::RequireFrom(js::Scope& scope,
                                                 std::string_view specifier,
                                                 std::string_view referrer) {
  const registry::Bundle::ModuleView* view = Find(specifier, referrer);
  // Workers take "x" for "./x" where the bundle has it.
  if (view == nullptr) view = Find(fmt::format("./{}", specifier), referrer);
  if (view != nullptr && view->type == registry::ModuleType::kCommonJs) {
    return CommonJsExports(scope, *view);
  }
  v8::Local<v8::Module> module;
  RequiredModule required{Required::kInCycle, {}};
  if (!linking_) {
    const Importer importer{.name = referrer, .module = {}, .call = {}};
    if (!(view != nullptr ? Load(scope, *view)
                          : Resolve(scope, specifier, importer))
             .ToLocal(&module) ||
        !Link(scope, module)) {
      return {};
    }
    required = EvaluateNow(scope, module);
  }
  switch (required.outcome) {
    case Required::kFailed:
      return {};
    case Required::kInCycle:
    case Required::kAsync:
      scope.isolate()->ThrowException(v8::Exception::Error(js::NewString(
          scope, required.outcome == Required::kAsync
                     ? fmt::format("\"{}\" requires \"{}\", which has a "
                                   "top-level await, or imports what has one: "
                                   "use import() instead",
                                   referrer, specifier)
                     : fmt::format("\"{}\" requires \"{}\", which is being "
                                   "loaded, or imports what is: the circle "
                                   "has to be broken",
                                   referrer, specifier))));
      return {};
    case Required::kDone:
      break;
  }
  const bool is_code =
      view != nullptr && view->type == registry::ModuleType::kEsModule;
  if (is_code &&
      !scope.state().compatibility.IsOn("require_returns_default_export")) {
    return required.exports;
  }
  const v8::Local<v8::String> name = scope.Name("default");
  bool has_default = false;
  if (!required.exports->Has(scope.context(), name).To(&has_default)) return {};
  return has_default ? required.exports->Get(scope.context(), name)
                     : v8::MaybeLocal<v8::Value>(required.exports);
}

bool ModuleMap::IsInEvaluation(js::Scope& scope, v8::Local<v8::Module> module) {
  v8::LocalVector<v8::Module> open(scope.isolate());
  open.push_back(module);
  v8::LocalVector<v8::Module> seen(scope.isolate());
  std::unordered_multimap<int, size_t> by_hash;  // in `seen`
  const auto is_new = [&](v8::Local<v8::Module> found) {
    const auto [begin, end] = by_hash.equal_range(found->GetIdentityHash());
    if (std::any_of(begin, end, [&](const auto& entry) {
          return seen[entry.second] == found;
        })) {
      return false;
    }
    by_hash.emplace(found->GetIdentityHash(), seen.size());
    seen.push_back(found);
    return true;
  };
  while (!open.empty()) {
    const v8::Local<v8::Module> next = open.back();
    open.pop_back();
    if (!is_new(next)) continue;
    if (next->GetStatus() == v8::Module::kEvaluating) return true;
    if (next->IsSyntheticModule() ||
        next->GetStatus() > v8::Module::kEvaluating) {
      continue;
    }
    const v8::Local<v8::FixedArray> requests = next->GetModuleRequests();
    const std::string name = NameOf(scope, next);
    for (int i = 0; i < requests->Length(); ++i) {
      const auto request = requests->Get(i).As<v8::ModuleRequest>();
      v8::Local<v8::Module> imported;
      // Linked: each is known, and found without running anything.
      if (Resolve(scope, js::ToUtf8(scope, request->GetSpecifier()),
                  {.name = name, .module = next, .call = {}})
              .ToLocal(&imported)) {
        open.push_back(imported);
      }
    }
  }
  return false;
}

}  // namespace caravel::runtime
