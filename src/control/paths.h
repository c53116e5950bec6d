#pragma once

#include <string>

#include "control/rules.h"
#include "registry/worker_name.h"

// The placeholders of the API's paths.
namespace caravel::api {

struct AccountPath {
  std::string account_id;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&AccountPath::account_id, "Id of the account"));
  }
};
BOOST_DESCRIBE_STRUCT(AccountPath, (), (account_id))

struct ScriptPath {
  std::string account_id;
  std::string script_name;

  static constexpr auto Rules() {
    return api::Rules(api::Field(&ScriptPath::account_id, "Id of the account"),
                      api::Field(&ScriptPath::script_name, "Name of the Worker")
                          .Check(registry::CheckWorkerName));
  }
};
BOOST_DESCRIBE_STRUCT(ScriptPath, (), (account_id, script_name))

struct WorkerPath {
  std::string account_id;
  std::string worker;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&WorkerPath::account_id, "Id of the account"),
        api::Field(&WorkerPath::worker, "Name or id of the Worker")
            .Length(1, 63));
  }
};
BOOST_DESCRIBE_STRUCT(WorkerPath, (), (account_id, worker))

struct VersionPath {
  std::string account_id;
  std::string script_name;
  std::string version_id;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&VersionPath::account_id, "Id of the account"),
        api::Field(&VersionPath::script_name, "Name of the Worker")
            .Check(registry::CheckWorkerName),
        api::Field(&VersionPath::version_id, "Id of the version, a UUID")
            .Length(1, 64));
  }
};
BOOST_DESCRIBE_STRUCT(VersionPath, (), (account_id, script_name, version_id))

struct DeploymentPath {
  std::string account_id;
  std::string script_name;
  std::string deployment_id;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&DeploymentPath::account_id, "Id of the account"),
        api::Field(&DeploymentPath::script_name, "Name of the Worker")
            .Check(registry::CheckWorkerName),
        api::Field(&DeploymentPath::deployment_id,
                   "Id of the deployment, a UUID")
            .Length(1, 64));
  }
};
BOOST_DESCRIBE_STRUCT(DeploymentPath, (),
                      (account_id, script_name, deployment_id))

}  // namespace caravel::api
