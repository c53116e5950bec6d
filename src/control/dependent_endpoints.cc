#include "control/dependent_endpoints.h"

#include <fmt/format.h>

#include <algorithm>

#include "control/binding_types.h"

namespace caravel::api {
namespace {

// kNotFound for a Worker that is not there.
Status CheckExists(Caller& caller, const std::string& worker) {
  CARAVEL_TRY(caller.services.registry.GetWorker(caller.account, worker));
  return {};
}

}  // namespace

Result<References> GetReferences(Caller& caller, const ScriptPath& path) {
  CARAVEL_TRY(CheckExists(caller, path.script_name));
  registry::Registry& registry = caller.services.registry;
  References references;
  CARAVEL_TRY(const std::vector<registry::Worker> workers,
              registry.ListWorkers(caller.account));
  for (const registry::Worker& worker : workers) {
    if (worker.name == path.script_name) continue;
    CARAVEL_TRY(const auto newest,
                registry.ListVersions(caller.account, worker.name, 1));
    if (newest.empty()) continue;
    const auto& bindings = newest.front().version.bindings;
    if (std::ranges::any_of(bindings, [&](const registry::Binding& binding) {
          return binding.type == registry::BindingType::kService &&
                 ServiceOf(binding).worker == path.script_name;
        })) {
      references.services.incoming.push_back({.service = worker.name});
    }
  }
  return references;
}

Result<std::vector<Nothing>> ListTailProducers(Caller&, const ScriptPath&) {
  return std::vector<Nothing>();
}

Result<Page<Nothing>> ListObjectNamespaces(Caller&, const AccountPath&,
                                           Query<PageQuery> query) {
  return PageOf(std::vector<Nothing>(), query.value);
}

}  // namespace caravel::api
