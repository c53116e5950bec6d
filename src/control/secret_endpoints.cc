#include "control/secret_endpoints.h"

#include <fmt/format.h>

#include <algorithm>

#include "control/lookup_endpoints.h"

namespace caravel::api {
namespace {

using registry::BindingType;
using registry::SecretChanges;

constexpr std::string_view kType = "secret_text";
constexpr std::string_view kTrigger = "secret";
constexpr int kNoSuchSecret = 10056;

Status CheckType(std::string_view name, std::string_view type) {
  if (type == kType) return {};
  return Error(ErrorCode::kInvalid,
               fmt::format("secret \"{}\" of type \"{}\": not built in Caravel "
                           "yet",
                           name, type))
      .Remedy("set it as \"secret_text\"");
}

std::vector<SecretSeen> SecretsOf(const registry::VersionRecord& record) {
  std::vector<SecretSeen> secrets;
  for (const registry::Binding& binding : record.version.bindings) {
    if (binding.type != BindingType::kSecretText) continue;
    secrets.push_back({.name = binding.name, .type = std::string(kType)});
  }
  return secrets;
}

}  // namespace

Result<std::vector<SecretSeen>> PublishSecrets(Caller& caller,
                                               const std::string& worker,
                                               const SecretChanges& changes) {
  CARAVEL_TRY(const registry::Origin origin, OriginOf(caller, {}, kTrigger));
  CARAVEL_TRY(const registry::Published published,
              caller.services.registry.PublishSecrets(caller.account, worker,
                                                      changes, origin));
  caller.services.observer.Published(published.sequence);
  return SecretsOf(*published.version);
}

Result<std::vector<SecretSeen>> ListSecrets(Caller& caller,
                                            const ScriptPath& path) {
  CARAVEL_TRY(const std::vector<registry::VersionRecord> records,
              caller.services.registry.ListVersions(caller.account,
                                                    path.script_name, 1));
  return records.empty() ? std::vector<SecretSeen>() : SecretsOf(records[0]);
}

Answer<SecretSeen> GetSecret(Caller& caller, const SecretPath& path) {
  CARAVEL_TRY(const std::vector<SecretSeen> secrets,
              ListSecrets(caller, {path.account_id, path.script_name}));
  const auto found =
      std::ranges::find(secrets, path.secret_name, &SecretSeen::name);
  if (found != secrets.end()) return *found;
  return NumberedError{
      kNoSuchSecret,
      Error(ErrorCode::kNotFound,
            fmt::format("Worker \"{}\" has no secret \"{}\"", path.script_name,
                        path.secret_name))
          .Remedy("`wrangler secret list` shows those that it has")};
}

Result<SecretSeen> PutSecret(Caller& caller, const ScriptPath& path,
                             SecretInput input) {
  const std::string name = input.name;
  CARAVEL_TRY(CheckType(name, input.type.value_or(std::string(kType))));
  CARAVEL_TRY(PublishSecrets(caller, path.script_name,
                             {{name, std::move(input.text)}}));
  return SecretSeen{.name = name, .type = std::string(kType)};
}

Answer<std::vector<SecretSeen>> DeleteSecret(Caller& caller,
                                             const SecretPath& path) {
  auto found = GetSecret(caller, path);
  if (!found) return std::move(found).failure();
  CARAVEL_TRY(
      std::vector<SecretSeen> left,
      PublishSecrets(caller, path.script_name, {{path.secret_name, {}}}));
  return left;
}

Result<std::vector<SecretSeen>> PatchSecrets(Caller& caller,
                                             const ScriptPath& path,
                                             SecretsInput input) {
  SecretChanges changes;
  for (auto& [name, secret] : input.secrets) {
    CARAVEL_TRY(
        registry::CheckBindingName(name).In(fmt::format("secrets.{}", name)));
    if (!secret) {
      changes[name] = std::nullopt;
      continue;
    }
    if (secret->name != name) {
      return Error(ErrorCode::kInvalid,
                   fmt::format("secrets.{0}.name: must be \"{0}\", is \"{1}\"",
                               name, secret->name));
    }
    CARAVEL_TRY(CheckType(name, secret->type.value_or(std::string(kType))));
    changes[name] = std::move(secret->text);
  }
  return PublishSecrets(caller, path.script_name, changes);
}

Result<MadeVersionSeen> PatchLatestVersion(Caller& caller,
                                           const WorkerPath& path,
                                           VersionPatch input) {
  SecretChanges changes;
  for (auto& [name, entry] : input.env) {
    CARAVEL_TRY(
        registry::CheckBindingName(name).In(fmt::format("env.{}", name)));
    if (!entry) {
      changes[name] = std::nullopt;
      continue;
    }
    CARAVEL_TRY(CheckType(name, entry->type));
    if (!entry->text) {
      return Error(ErrorCode::kInvalid,
                   fmt::format("env.{}.text: is required", name));
    }
    changes[name] = *std::move(entry->text);
  }
  CARAVEL_TRY(const registry::Worker worker, FindWorker(caller, path.worker));
  CARAVEL_TRY(const registry::Origin origin,
              OriginOf(caller, std::move(input.annotations), kTrigger));
  CARAVEL_TRY(const registry::VersionRecord record,
              caller.services.registry.CreateVersionWithSecrets(
                  caller.account, worker.name, changes, origin));
  caller.services.observer.Published(record.sequence);
  return MadeVersionSeen{.id = record.version.id.value};
}

}  // namespace caravel::api
