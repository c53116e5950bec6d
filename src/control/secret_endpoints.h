#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "control/endpoint_traits.h"
#include "control/paths.h"
#include "control/services.h"

// Secrets of a Worker. They belong to its versions: a change makes a version
// that is the newest one with other secrets, and deploys it unless it is asked
// for under the versions.
namespace caravel::api {

// Limits are those of Workers (Workers docs, Limits).
struct SecretInput {
  std::string name;
  std::string text;
  std::optional<std::string> type;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&SecretInput::name, "Name of the property of env")
            .Check(registry::CheckBindingName),
        api::Field(&SecretInput::text, "The secret").Length(0, kLongestSecret),
        api::Field(&SecretInput::type, "secret_text"));
  }
  static constexpr size_t kLongestSecret = 5 << 10;
};
BOOST_DESCRIBE_STRUCT(SecretInput, (), (name, text, type))

struct SecretsInput {
  std::map<std::string, std::optional<SecretInput>> secrets;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&SecretsInput::secrets, "By name; null removes the secret")
            .Length(1, 100));
  }
};
BOOST_DESCRIBE_STRUCT(SecretsInput, (), (secrets))

struct EnvEntryInput {
  std::string type;
  std::optional<std::string> text;

  static constexpr auto Rules() {
    return api::Rules(api::Field(&EnvEntryInput::type, "secret_text"),
                      api::Field(&EnvEntryInput::text, "The secret")
                          .Length(0, SecretInput::kLongestSecret));
  }
};
BOOST_DESCRIBE_STRUCT(EnvEntryInput, (), (type, text))

struct VersionPatch {
  std::map<std::string, std::optional<EnvEntryInput>> env;
  std::map<std::string, std::string> annotations;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&VersionPatch::env, "Secrets by name; null removes one")
            .Length(1, 100),
        api::Field(&VersionPatch::annotations,
                   "workers/message, workers/tag, …")
            .Length(0, 32));
  }
};
BOOST_DESCRIBE_STRUCT(VersionPatch, (), (env, annotations))

struct SecretSeen {
  std::string name;
  std::string type;
};
BOOST_DESCRIBE_STRUCT(SecretSeen, (), (name, type))

struct MadeVersionSeen {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(MadeVersionSeen, (), (id))

struct SecretPath {
  std::string account_id;
  std::string script_name;
  std::string secret_name;

  static constexpr auto Rules() {
    return api::Rules(api::Field(&SecretPath::account_id, "Id of the account"),
                      api::Field(&SecretPath::script_name, "Name of the Worker")
                          .Check(registry::CheckWorkerName),
                      api::Field(&SecretPath::secret_name, "Name of the secret")
                          .Length(1, 255));
  }
};
BOOST_DESCRIBE_STRUCT(SecretPath, (), (account_id, script_name, secret_name))

// Makes a version like the newest one with these changes, deploys it, and gives
// the secrets that it has. kConflict: the newest version is not the deployed
// one.
Result<std::vector<SecretSeen>> PublishSecrets(
    Caller& caller, const std::string& worker,
    const registry::SecretChanges& changes);

Result<std::vector<SecretSeen>> ListSecrets(Caller& caller,
                                            const ScriptPath& path);
Answer<SecretSeen> GetSecret(Caller& caller, const SecretPath& path);
Result<SecretSeen> PutSecret(Caller& caller, const ScriptPath& path,
                             SecretInput input);
Answer<std::vector<SecretSeen>> DeleteSecret(Caller& caller,
                                             const SecretPath& path);
Result<std::vector<SecretSeen>> PatchSecrets(Caller& caller,
                                             const ScriptPath& path,
                                             SecretsInput input);
Result<MadeVersionSeen> PatchLatestVersion(Caller& caller,
                                           const WorkerPath& path,
                                           VersionPatch input);

// What wrangler knows as "the newest version is not deployed".
inline constexpr ErrorNumbers kSecretErrors{.conflict = 10215};

inline constexpr Endpoint kListSecrets{
    .method = Method::kGet,
    .path = "/accounts/{account_id}/workers/scripts/{script_name}/secrets",
    .scope = Scope::kWorkersRead,
    .summary = "List the names of a Worker's secrets",
    .handler = &ListSecrets,
};

inline constexpr Endpoint kGetSecret{
    .method = Method::kGet,
    .path =
        "/accounts/{account_id}/workers/scripts/{script_name}/secrets/"
        "{secret_name}",
    .scope = Scope::kWorkersRead,
    .summary = "See whether a Worker has a secret of that name",
    .handler = &GetSecret,
};

inline constexpr Endpoint kPutSecret{
    .method = Method::kPut,
    .path = "/accounts/{account_id}/workers/scripts/{script_name}/secrets",
    .scope = Scope::kWorkersWrite,
    .summary = "Set a secret of a Worker, and deploy it",
    .example = R"({"name":"KEY","text":"hidden","type":"secret_text"})",
    .errors = kSecretErrors,
    .handler = &PutSecret,
};

inline constexpr Endpoint kDeleteSecret{
    .method = Method::kDelete,
    .path =
        "/accounts/{account_id}/workers/scripts/{script_name}/secrets/"
        "{secret_name}",
    .scope = Scope::kWorkersWrite,
    .summary = "Remove a secret of a Worker, and deploy that",
    .errors = kSecretErrors,
    .handler = &DeleteSecret,
};

inline constexpr Endpoint kPatchSecrets{
    .method = Method::kPatch,
    .path = "/accounts/{account_id}/workers/scripts/{script_name}/secrets-bulk",
    .scope = Scope::kWorkersWrite,
    .summary = "Set and remove secrets of a Worker, and deploy that",
    .example = R"({"secrets":{"KEY":{"name":"KEY","text":"hidden",)"
               R"("type":"secret_text"},"OLD":null}})",
    .errors = kSecretErrors,
    .handler = &PatchSecrets,
};

inline constexpr Endpoint kPatchLatestVersion{
    .method = Method::kPatch,
    .path = "/accounts/{account_id}/workers/workers/{worker}/versions/latest",
    .scope = Scope::kWorkersWrite,
    .summary =
        "Make a version like the newest one with other secrets, without "
        "sending requests to it",
    .example = R"({"env":{"KEY":{"type":"secret_text","text":"hidden"},)"
               R"("OLD":null},"annotations":{"workers/message":"m"}})",
    .handler = &PatchLatestVersion,
};

}  // namespace caravel::api
