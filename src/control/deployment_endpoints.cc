#include "control/deployment_endpoints.h"

#include <fmt/format.h>

#include <cmath>

namespace caravel::api {
namespace {

constexpr size_t kVersionsShown = 100;
constexpr size_t kDeploymentsShown = 100;

Result<std::vector<registry::TrafficShare>> TrafficOf(
    const std::vector<ShareInput>& shares) {
  std::vector<registry::TrafficShare> traffic;
  for (size_t i = 0; i < shares.size(); ++i) {
    const double hundredths = std::round(shares[i].percentage * 100);
    if (!(hundredths >= 0 && hundredths <= 10'000)) {
      return Error(ErrorCode::kInvalid,
                   fmt::format("versions[{}].percentage: must be between 0 and "
                               "100, is {}",
                               i, shares[i].percentage));
    }
    // A version that gets nothing is there for who asks for it by name.
    traffic.push_back({.version = {shares[i].version_id},
                       .hundredths = static_cast<uint32_t>(hundredths)});
  }
  return traffic;
}

}  // namespace

Result<VersionList> ListVersions(Caller& caller, const ScriptPath& path,
                                 Query<VersionListQuery>) {
  CARAVEL_TRY(const std::vector<registry::VersionRecord> records,
              caller.services.registry.ListVersions(
                  caller.account, path.script_name, kVersionsShown));
  VersionList list;
  for (const auto& record : records) list.items.push_back(Seen(record));
  return list;
}

Result<VersionSeen> GetVersion(Caller& caller, const VersionPath& path) {
  CARAVEL_TRY(const registry::VersionRecord record,
              caller.services.registry.GetVersion(
                  caller.account, path.script_name, {path.version_id}));
  return Seen(record);
}

Result<DeploymentList> ListDeployments(Caller& caller, const ScriptPath& path) {
  CARAVEL_TRY(const std::vector<registry::Deployment> deployments,
              caller.services.registry.ListDeployments(
                  caller.account, path.script_name, kDeploymentsShown));
  DeploymentList list;
  for (const auto& deployment : deployments) {
    list.deployments.push_back(Seen(deployment));
  }
  return list;
}

Result<DeploymentSeen> GetDeployment(Caller& caller,
                                     const DeploymentPath& path) {
  CARAVEL_TRY(const registry::Deployment deployment,
              caller.services.registry.GetDeployment(
                  caller.account, path.script_name, {path.deployment_id}));
  return Seen(deployment);
}

Result<DeploymentSeen> PostDeployment(Caller& caller, const ScriptPath& path,
                                      Query<DeploymentQuery> query,
                                      DeploymentInput input) {
  using Secrets = registry::Registry::Secrets;
  CARAVEL_TRY(const auto traffic, TrafficOf(input.versions));
  CARAVEL_TRY(const registry::Origin origin,
              OriginOf(caller, std::move(input.annotations)));
  CARAVEL_TRY(
      const registry::Published published,
      caller.services.registry.Deploy(
          caller.account, path.script_name, traffic, origin,
          query->force.value_or(false) ? Secrets::kTakeBack : Secrets::kKeep));
  caller.services.observer.Published(published.sequence);
  return Seen(published.deployment);
}

}  // namespace caravel::api
