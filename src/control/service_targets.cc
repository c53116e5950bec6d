#include "control/service_targets.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/nearest_name.h"
#include "control/binding_types.h"

namespace caravel::api {
namespace {

constexpr int kServiceMissing = 10143;
constexpr int kEntrypointMissing = 10144;

// A host reports 16 KB of names (host/checker.cc), so that a list of more than
// this may have been cut.
constexpr size_t kSurelyWhole = 8 << 10;

// Said too of one whose list of exports may have been cut.
bool MayExport(const std::vector<std::string>& exports, std::string_view name) {
  size_t bytes = 0;
  for (const std::string& each : exports) {
    if (each == name) return true;
    bytes += each.size();
  }
  return bytes > kSurelyWhole;
}

// What the Worker's versions that have requests export; where none has, its
// newest one.
Result<std::vector<std::string>> ExportsOf(Caller& caller,
                                           std::string_view worker) {
  registry::Registry& registry = caller.services.registry;
  std::vector<registry::VersionRecord> versions;
  CARAVEL_TRY(const std::vector<registry::Deployment> deployments,
              registry.ListDeployments(caller.account, worker, 1));
  if (deployments.empty()) {
    CARAVEL_TRY(versions, registry.ListVersions(caller.account, worker, 1));
  } else {
    for (const registry::TrafficShare& share : deployments.front().traffic) {
      CARAVEL_TRY(versions.emplace_back(),
                  registry.GetVersion(caller.account, worker, share.version));
    }
  }
  std::vector<std::string> exports;
  for (const registry::VersionRecord& version : versions) {
    exports.insert(exports.end(), version.entrypoints.begin(),
                   version.entrypoints.end());
  }
  return exports;
}

NumberedError NoSuchWorker(const registry::Binding& binding,
                           std::string_view worker) {
  return {kServiceMissing,
          Error(ErrorCode::kInvalid,
                fmt::format("Could not resolve service binding '{}'. Target "
                            "script '{}' not found. Please verify the target "
                            "script and try again.",
                            binding.name, worker))};
}

NumberedError NoSuchEntrypoint(const registry::Binding& binding,
                               const ServiceNamed& named,
                               const std::vector<std::string>& exports) {
  const std::vector<std::string_view> names(exports.begin(), exports.end());
  return {kEntrypointMissing,
          Error(ErrorCode::kInvalid,
                fmt::format("Could not resolve service binding '{}'. Target "
                            "script '{}' does not export the entrypoint '{}'{}",
                            binding.name, named.worker, named.entrypoint,
                            base::DidYouMean(named.entrypoint, names)))
              .Remedy("name one that it exports, or deploy it with that export "
                      "first")};
}

}  // namespace

Answer<registry::NewVersion> CheckServiceTargets(Caller& caller,
                                                 std::string_view worker,
                                                 registry::NewVersion version) {
  for (const registry::Binding& binding : version.bindings) {
    if (binding.type != registry::BindingType::kService) continue;
    const ServiceNamed named = ServiceOf(binding);
    if (named.worker == worker) continue;
    const auto found =
        caller.services.registry.GetWorker(caller.account, named.worker);
    if (!found && found.error().code() == ErrorCode::kNotFound) {
      return NoSuchWorker(binding, named.worker);
    }
    if (!found) return found.error().Clone();
    if (named.entrypoint.empty()) continue;
    CARAVEL_TRY(const std::vector<std::string> exports,
                ExportsOf(caller, named.worker));
    if (MayExport(exports, named.entrypoint)) continue;
    return NoSuchEntrypoint(binding, named, exports);
  }
  return version;
}

Answer<registry::NewVersion> CheckOwnEntrypoints(std::string_view worker,
                                                 registry::NewVersion version) {
  for (const registry::Binding& binding : version.bindings) {
    if (binding.type != registry::BindingType::kService) continue;
    const ServiceNamed named = ServiceOf(binding);
    if (named.worker != worker || named.entrypoint.empty() ||
        MayExport(version.entrypoints, named.entrypoint)) {
      continue;
    }
    return NoSuchEntrypoint(binding, named, version.entrypoints);
  }
  return version;
}

}  // namespace caravel::api
