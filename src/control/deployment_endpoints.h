#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "control/endpoint_traits.h"
#include "control/paths.h"
#include "control/services.h"
#include "control/worker_views.h"

// Versions of a Worker, and how its requests are divided among them.
namespace caravel::api {

struct VersionListQuery {
  std::optional<bool> deployable;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&VersionListQuery::deployable,
                   "Only versions that can be deployed: all can"));
  }
};
BOOST_DESCRIBE_STRUCT(VersionListQuery, (), (deployable))

struct VersionList {
  std::vector<VersionSeen> items;
};
BOOST_DESCRIBE_STRUCT(VersionList, (), (items))

struct DeploymentList {
  std::vector<DeploymentSeen> deployments;
};
BOOST_DESCRIBE_STRUCT(DeploymentList, (), (deployments))

struct DeploymentQuery {
  std::optional<bool> force;

  static constexpr auto Rules() {
    return api::Rules(api::Field(&DeploymentQuery::force,
                                 "Deploy although secrets changed since"));
  }
};
BOOST_DESCRIBE_STRUCT(DeploymentQuery, (), (force))

enum class Strategy : unsigned char { kPercentage };
BOOST_DESCRIBE_ENUM(Strategy, kPercentage)

struct ShareInput {
  std::string version_id;
  double percentage = 0;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&ShareInput::version_id, "Id of the version, a UUID")
            .Length(1, 64),
        api::Field(&ShareInput::percentage,
                   "Its part of the requests, 0 to 100 with two decimals"));
  }
};
BOOST_DESCRIBE_STRUCT(ShareInput, (), (version_id, percentage))

struct DeploymentInput {
  std::optional<Strategy> strategy;
  std::vector<ShareInput> versions;
  std::map<std::string, std::string> annotations;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&DeploymentInput::versions,
                   "Versions whose percentages add up to 100")
            .Length(1, 10),
        api::Field(&DeploymentInput::annotations, "workers/message, …")
            .Length(0, 32));
  }
};
BOOST_DESCRIBE_STRUCT(DeploymentInput, (), (strategy, versions, annotations))

Result<VersionList> ListVersions(Caller& caller, const ScriptPath& path,
                                 Query<VersionListQuery> query);
Result<VersionSeen> GetVersion(Caller& caller, const VersionPath& path);
Result<DeploymentList> ListDeployments(Caller& caller, const ScriptPath& path);
Result<DeploymentSeen> GetDeployment(Caller& caller,
                                     const DeploymentPath& path);
Result<DeploymentSeen> PostDeployment(Caller& caller, const ScriptPath& path,
                                      Query<DeploymentQuery> query,
                                      DeploymentInput input);

inline constexpr Endpoint kListVersions{
    .method = Method::kGet,
    .path = "/accounts/{account_id}/workers/scripts/{script_name}/versions",
    .scope = Scope::kWorkersRead,
    .summary = "List the versions of a Worker, newest first",
    .handler = &ListVersions,
};

inline constexpr Endpoint kGetVersion{
    .method = Method::kGet,
    .path =
        "/accounts/{account_id}/workers/scripts/{script_name}/versions/"
        "{version_id}",
    .scope = Scope::kWorkersRead,
    .summary = "See a version of a Worker",
    .handler = &GetVersion,
};

inline constexpr Endpoint kListDeployments{
    .method = Method::kGet,
    .path = "/accounts/{account_id}/workers/scripts/{script_name}/deployments",
    .scope = Scope::kWorkersRead,
    .summary = "List the deployments of a Worker, newest first",
    .handler = &ListDeployments,
};

inline constexpr Endpoint kGetDeployment{
    .method = Method::kGet,
    .path =
        "/accounts/{account_id}/workers/scripts/{script_name}/deployments/"
        "{deployment_id}",
    .scope = Scope::kWorkersRead,
    .summary = "See a deployment of a Worker",
    .handler = &GetDeployment,
};

inline constexpr Endpoint kPostDeployment{
    .method = Method::kPost,
    .path = "/accounts/{account_id}/workers/scripts/{script_name}/deployments",
    .scope = Scope::kWorkersWrite,
    .summary = "Divide the requests of a Worker among versions",
    .example = R"({"strategy":"percentage","versions":[{"version_id":)"
               R"("6f1c1a9e-0000-4000-8000-000000000000","percentage":100}]})",
    .unknown_keys = UnknownKeys::kIgnore,
    // By which wrangler asks whether secrets may change back.
    .errors = {.conflict = 10220},
    .handler = &PostDeployment,
};

}  // namespace caravel::api
