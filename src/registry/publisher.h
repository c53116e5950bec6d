#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "registry/model.h"
#include "registry/registry_parts.h"
#include "registry/version_table.h"
#include "storage/database.h"

namespace caravel::registry {

// The changes of registry/registry.h, within one transaction: the functions of
// the same names there say what they do.
class Publisher {
 public:
  // Both outlive the publisher.
  Publisher(storage::Transaction& transaction, const RegistryParts& parts)
      : transaction_(transaction), parts_(parts) {}

  Result<Published> Publish(const AccountId& account, std::string_view worker,
                            const NewVersion& version, const Origin& origin,
                            const WorkerSettingsPatch& settings);
  Result<VersionRecord> CreateVersion(const AccountId& account,
                                      std::string_view worker,
                                      const NewVersion& version,
                                      const Origin& origin,
                                      const WorkerSettingsPatch& settings);
  Result<VersionRecord> CreateVersionWithSecrets(const AccountId& account,
                                                 std::string_view worker,
                                                 const SecretChanges& changes,
                                                 const Origin& origin);
  Result<Published> PublishSecrets(const AccountId& account,
                                   std::string_view worker,
                                   const SecretChanges& changes,
                                   const Origin& origin);
  Result<Published> Deploy(const AccountId& account, std::string_view worker,
                           const std::vector<TrafficShare>& traffic,
                           const Origin& origin, bool take_back_secrets);
  Result<Sequence> DeleteWorker(const AccountId& account,
                                std::string_view worker);
  Result<WorkerChanged> SetSubdomain(const AccountId& account,
                                     std::string_view worker,
                                     std::optional<bool> enabled,
                                     std::optional<bool> previews_enabled);
  Result<Worker> PatchSettings(const AccountId& account,
                               std::string_view worker,
                               const WorkerSettingsPatch& patch);

 private:
  // FindWorker(), and nobody else changes it until the transaction ends.
  Result<Worker> LockWorker(const AccountId& account, std::string_view name);
  // The same of one that is made if there is none.
  Result<Worker> FindOrMake(const Account& account, std::string_view name);
  Result<VersionRecord> AddVersion(const Worker& worker,
                                   const NewVersion& version,
                                   const Origin& origin);
  // Those that are too large may stay, or become smaller.
  Status CheckBindingsFit(const WorkerId& worker,
                          const std::vector<StoredBinding>& bindings);
  // `draft` with that number, an id and the time.
  Result<VersionRecord> Store(const Worker& worker, uint64_t number,
                              VersionRecord draft,
                              const std::vector<StoredBinding>& bindings);
  Result<VersionRecord> AddVersionWithSecrets(const Worker& worker,
                                              uint64_t number,
                                              VersionRecord newest,
                                              const SecretChanges& changes,
                                              const Origin& origin);
  using Texts = std::map<std::string, std::string>;
  Result<Texts> SecretsOf(const WorkerId& worker, const VersionId& version);
  Status CheckSecretsStay(const Worker& worker, const VersionId& version);
  Result<VersionRecord> NewestVersion(const Worker& worker);
  std::string Sealed(const WorkerId& worker, const std::string& name,
                     const std::string& text) const;
  Result<std::vector<StoredBinding>> ResolveBindings(const Worker& worker,
                                                     const NewVersion& version);
  Result<std::vector<StoredBinding>> NewestBindings(const WorkerId& worker);
  // `number`: of the deployment, taken already.
  Result<Published> Send(Worker worker, uint64_t number,
                         std::vector<TrafficShare> traffic,
                         const Origin& origin);
  // All requests, to a version that was just made.
  Result<Published> SendAll(Worker worker, VersionRecord version,
                            const Origin& origin);
  // Tells hosts of a version that nobody deploys, for its preview.
  Result<VersionRecord> WithPreview(const Worker& worker, VersionRecord made);
  Result<Sequence> AppendChange(const WorkerId& worker);

  storage::Transaction& transaction_;
  const RegistryParts& parts_;
};

// The Worker with its host names. kNotFound, naming Worker and account.
Result<Worker> FindWorker(storage::Transaction& transaction,
                          const RegistryParts& parts, const AccountId& account,
                          std::string_view name);

// kNotFound, naming both.
Error NoSuchVersion(const VersionId& version, std::string_view worker);

}  // namespace caravel::registry
