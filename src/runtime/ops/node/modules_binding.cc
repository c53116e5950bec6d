#include "runtime/ops/node/modules_binding.h"

#include "runtime/isolate_state.h"
#include "runtime/js/convert.h"
#include "runtime/module_map.h"

namespace caravel::runtime {

namespace {

bool IsName(v8::Local<v8::Value> text) {
  return text->IsString() &&
         text.As<v8::String>()->Length() <= kMostSpecifierLength;
}

}  // namespace

std::optional<std::string> NodeModulesBinding::Find(
    js::Scope& scope, v8::Local<v8::Value> specifier,
    v8::Local<v8::Value> referrer) {
  const ModuleMap* modules = scope.state().modules;
  if (modules == nullptr || !IsName(specifier) || !IsName(referrer)) {
    return std::nullopt;
  }
  const registry::Bundle::ModuleView* module =
      modules->Find(js::ToUtf8(scope, specifier.As<v8::String>()),
                    js::ToUtf8(scope, referrer.As<v8::String>()));
  if (module == nullptr) return std::nullopt;
  return std::string(module->name);
}

v8::MaybeLocal<v8::Value> NodeModulesBinding::Evaluate(js::Scope& scope,
                                                       std::string name) {
  ModuleMap* modules = scope.state().modules;
  const registry::Bundle::ModuleView* module =
      modules == nullptr ? nullptr : modules->Find(name, {});
  if (module == nullptr) return v8::Undefined(scope.isolate());
  const ModuleMap::RequiredModule required = modules->Require(scope, *module);
  switch (required.outcome) {
    case ModuleMap::Required::kDone:
      return required.exports;
    case ModuleMap::Required::kInCycle:
      return scope.Name("cycle");
    case ModuleMap::Required::kAsync:
      return scope.Name("async");
    case ModuleMap::Required::kFailed:
      return {};
  }
  return {};
}

bool NodeModulesBinding::GivesDefault(js::Scope& scope, std::string name) {
  const ModuleMap* modules = scope.state().modules;
  const registry::Bundle::ModuleView* module =
      modules == nullptr ? nullptr : modules->Find(name, {});
  return module != nullptr &&
         (module->type != registry::ModuleType::kEsModule ||
          scope.state().compatibility.IsOn("require_returns_default_export"));
}

}  // namespace caravel::runtime
