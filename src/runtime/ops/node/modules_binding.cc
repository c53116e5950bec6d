#include "runtime/ops/node/modules_binding.h"

#include "runtime/isolate_state.h"
#include "runtime/js/convert.h"
#include "runtime/module_map.h"

namespace caravel::runtime {

std::optional<std::string> NodeModulesBinding::Find(js::Scope& scope,
                                                    std::string specifier,
                                                    std::string referrer) {
  const ModuleMap* modules = scope.state().modules;
  if (modules == nullptr) return std::nullopt;
  const registry::Bundle::ModuleView* module =
      modules->Find(specifier, referrer);
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
          modules->compat().require_default);
}

}  // namespace caravel::runtime
