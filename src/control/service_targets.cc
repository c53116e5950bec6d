#include "control/service_targets.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "base/nearest_name.h"
#include "control/binding_types.h"
#include "registry/exports.h"

namespace caravel::api {
namespace {

constexpr int kServiceMissing = 10143;
constexpr int kEntrypointMissing = 10144;

// Of each version of a Worker that counts.
using Exports = std::vector<std::vector<std::string>>;

bool AnyMayExport(const Exports& exports, std::string_view name) {
  return std::ranges::any_of(exports, [&](const auto& version) {
    return registry::MayExport(version, name);
  });
}

NumberedError NoSuchWorker(const registry::Binding& binding,
                           std::string_view worker) {
  return {kServiceMissing,
          Error(ErrorCode::kInvalid,
                fmt::format("Could not resolve service binding '{}'. Target "
                            "script '{}' not found. Please verify the target "
                            "script and try again.",
                            binding.name, worker))
              .Remedy("deploy that Worker first; where it calls this one in "
                      "turn, without that binding at first")};
}

NumberedError NoSuchEntrypoint(const registry::Binding& binding,
                               const ServiceNamed& named,
                               const Exports& exports) {
  std::vector<std::string_view> names;
  for (const auto& version : exports) {
    names.insert(names.end(), version.begin(), version.end());
  }
  return {kEntrypointMissing,
          Error(ErrorCode::kInvalid,
                fmt::format("Could not resolve service binding '{}'. Target "
                            "script '{}' does not export the entrypoint '{}'{}",
                            binding.name, named.worker, named.entrypoint,
                            base::DidYouMean(named.entrypoint, names)))
              .Remedy("name one that it exports, or deploy it with that export "
                      "first; if it is to call this Worker in turn, without "
                      "that binding at first")};
}

}  // namespace

Answer<registry::NewVersion> CheckServiceTargets(Caller& caller,
                                                 std::string_view worker,
                                                 registry::NewVersion version) {
  std::map<std::string, Exports> known;
  for (const registry::Binding& binding : version.bindings) {
    if (binding.type != registry::BindingType::kService) continue;
    const ServiceNamed named = ServiceOf(binding);
    if (named.worker == worker) continue;
    auto found = known.find(named.worker);
    if (found == known.end()) {
      auto exports =
          caller.services.registry.ListExports(caller.account, named.worker);
      if (!exports && exports.error().code() == ErrorCode::kNotFound) {
        return NoSuchWorker(binding, named.worker);
      }
      if (!exports) return exports.error().Clone();
      found = known.emplace(named.worker, *std::move(exports)).first;
    }
    if (named.entrypoint.empty() ||
        AnyMayExport(found->second, named.entrypoint)) {
      continue;
    }
    return NoSuchEntrypoint(binding, named, found->second);
  }
  return version;
}

Answer<registry::NewVersion> CheckOwnEntrypoints(std::string_view worker,
                                                 registry::NewVersion version) {
  for (const registry::Binding& binding : version.bindings) {
    if (binding.type != registry::BindingType::kService) continue;
    const ServiceNamed named = ServiceOf(binding);
    if (named.worker != worker || named.entrypoint.empty() ||
        registry::MayExport(version.entrypoints, named.entrypoint)) {
      continue;
    }
    return NoSuchEntrypoint(binding, named, {version.entrypoints});
  }
  return version;
}

}  // namespace caravel::api
