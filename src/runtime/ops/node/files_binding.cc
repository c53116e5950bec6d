#include "runtime/ops/node/files_binding.h"

#include <algorithm>
#include <cstring>

#include "runtime/isolate_state.h"
#include "runtime/js/convert.h"
#include "runtime/module_map.h"

namespace caravel::runtime {
namespace {

std::string_view BundleContent(js::Scope& scope, std::string_view name) {
  const ModuleMap* modules = scope.state().modules;
  if (modules == nullptr) return {};
  const registry::Bundle::ModuleView* module = modules->bundle().Find(name);
  return module == nullptr ? std::string_view() : module->content;
}

}  // namespace

std::vector<std::string> NodeFilesBinding::BundleNames(js::Scope& scope) {
  std::vector<std::string> names;
  const ModuleMap* modules = scope.state().modules;
  if (modules == nullptr) return names;
  for (const registry::Bundle::ModuleView& module :
       modules->bundle().modules()) {
    if (module.type == registry::ModuleType::kSourceMap) continue;
    names.emplace_back(module.name);
  }
  return names;
}

double NodeFilesBinding::BundleSize(js::Scope& scope, std::string name) {
  return static_cast<double>(BundleContent(scope, name).size());
}

uint32_t NodeFilesBinding::BundleRead(js::Scope& scope, std::string name,
                                      double offset, js::MutableBytes target) {
  const std::string_view content = BundleContent(scope, name);
  if (!(offset >= 0) || offset >= static_cast<double>(content.size())) return 0;
  const std::string_view rest = content.substr(static_cast<size_t>(offset));
  const size_t count = std::min(rest.size(), target.bytes.size());
  if (count != 0) std::memcpy(target.bytes.data(), rest.data(), count);
  return static_cast<uint32_t>(count);
}

bool NodeFilesBinding::IsRunning(js::Scope& scope, int32_t invocation) {
  return scope.state().FindInvocation(invocation) != nullptr;
}

}  // namespace caravel::runtime
