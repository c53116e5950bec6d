#pragma once

#include <optional>
#include <string>
#include <vector>

#include "control/endpoint_traits.h"
#include "control/paths.h"
#include "control/services.h"
#include "control/upload.h"
#include "control/worker_views.h"
#include "registry/worker_name.h"

// Uploading, listing and deleting Workers.
namespace caravel::api {

inline constexpr std::string_view kUploadExample =
    R"({"main_module":"index.js","compatibility_date":"2026-01-01",)"
    R"("compatibility_flags":[],"bindings":[{"name":"GREETING",)"
    R"("type":"plain_text","text":"hi"}],"keep_bindings":["secret_text"]})";

struct DeletedSeen {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(DeletedSeen, (), (id))

struct ServicePath {
  std::string account_id;
  std::string service;

  static constexpr auto Rules() {
    return api::Rules(api::Field(&ServicePath::account_id, "Id of the account"),
                      api::Field(&ServicePath::service, "Name of the Worker")
                          .Check(registry::CheckWorkerName));
  }
};
BOOST_DESCRIBE_STRUCT(ServicePath, (), (account_id, service))

struct ScriptListed {
  std::string id;   // the Worker's name
  std::string tag;  // the Worker's id
  std::string created_on;
  std::string modified_on;
};
BOOST_DESCRIBE_STRUCT(ScriptListed, (), (id, tag, created_on, modified_on))

Answer<UploadedSeen> PutScript(Caller& caller, const ScriptPath& path,
                               Multipart<UploadMetadata> upload);
Answer<VersionSeen> PostVersion(Caller& caller, const ScriptPath& path,
                                Multipart<UploadMetadata> upload);
Result<std::vector<ScriptListed>> ListScripts(Caller& caller,
                                              const AccountPath& path);
Result<DeletedSeen> DeleteScript(Caller& caller, const ScriptPath& path);
Result<DeletedSeen> DeleteService(Caller& caller, const ServicePath& path);

inline constexpr Endpoint kPutScript{
    .method = Method::kPut,
    .path = "/accounts/{account_id}/workers/scripts/{script_name}",
    .scope = Scope::kWorkersWrite,
    .summary = "Upload a Worker and send all its requests to the new version",
    .example = kUploadExample,
    .unknown_keys = UnknownKeys::kIgnore,
    .handler = &PutScript,
};

inline constexpr Endpoint kPostVersion{
    .method = Method::kPost,
    .path = "/accounts/{account_id}/workers/scripts/{script_name}/versions",
    .scope = Scope::kWorkersWrite,
    .summary = "Upload a version of a Worker without sending requests to it",
    .example = kUploadExample,
    .unknown_keys = UnknownKeys::kIgnore,
    .handler = &PostVersion,
};

inline constexpr Endpoint kListScripts{
    .method = Method::kGet,
    .path = "/accounts/{account_id}/workers/scripts",
    .scope = Scope::kWorkersRead,
    .summary = "List the Workers of an account",
    .handler = &ListScripts,
};

inline constexpr Endpoint kDeleteScript{
    .method = Method::kDelete,
    .path = "/accounts/{account_id}/workers/scripts/{script_name}",
    .scope = Scope::kWorkersWrite,
    .summary = "Delete a Worker with its versions and deployments",
    .handler = &DeleteScript,
};

inline constexpr Endpoint kDeleteService{
    .method = Method::kDelete,
    .path = "/accounts/{account_id}/workers/services/{service}",
    .scope = Scope::kWorkersWrite,
    .summary = "Delete a Worker with its versions and deployments",
    .handler = &DeleteService,
};

}  // namespace caravel::api
