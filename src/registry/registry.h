#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/lifetime.h"
#include "base/result.h"
#include "registry/accounts.h"
#include "registry/members.h"
#include "registry/model.h"
#include "registry/registry_parts.h"
#include "registry/secret_box.h"
#include "registry/tokens.h"
#include "registry/zones.h"
#include "storage/database.h"
#include "storage/log.h"

// What is published, by whom, and since when: accounts, tokens, Workers, their
// versions and deployments. Every change that requests can notice also appends
// to the topic kPublishedTopic of the Log, in the same transaction.
namespace caravel::registry {

// Threads: any, several at once; every call blocks on the database. Names of
// Workers are what the caller checked; kNotFound for one that is not there says
// `Worker "x" does not exist` with the account's name.
class Registry {
 public:
  struct Options {
    // A Worker also answers under NAME.SUBDOMAIN.DOMAIN; empty: no domain.
    std::string domain;
  };

  // Brings the schema up to date. All references outlive the registry.
  static Result<std::unique_ptr<Registry>> Open(storage::Database& database,
                                                storage::Log& log,
                                                SecretBox secrets,
                                                const base::Clock& clock,
                                                Options options);

  // ---- accounts and tokens ----

  struct Bootstrap {
    Account account;                   // the first account
    std::optional<std::string> token;  // only when this call made it
  };
  // Makes the first account, and an all-powerful token named "bootstrap", if
  // there is none yet. The token cannot be asked for again;
  // Tokens::Replace() replaces a lost one.
  Result<Bootstrap> EnsureBootstrap();

  Result<std::vector<Account>> ListAccounts();
  Result<Account> GetAccount(const AccountId& account);

  Accounts& accounts() CARAVEL_LIFETIME_BOUND { return accounts_; }
  Tokens& tokens() CARAVEL_LIFETIME_BOUND { return tokens_; }
  Members& members() CARAVEL_LIFETIME_BOUND { return members_; }

  // ---- publishing ----

  // Stores a version of the Worker, which is made if it does not exist (enabled
  // under its host names), and sends all requests to it; changes its settings
  // with it.
  // kInvalid: "inherit binding 'X' is invalid: …" for one that is not there.
  // kLimit: the bindings are too large together.
  Result<Published> Publish(const AccountId& account, std::string_view worker,
                            const NewVersion& version, const Origin& origin,
                            const WorkerSettingsPatch& settings = {});

  // Stores a version without sending requests to it; changes the Worker's
  // settings, which no version has for itself, with it.
  Result<VersionRecord> CreateVersion(const AccountId& account,
                                      std::string_view worker,
                                      const NewVersion& version,
                                      const Origin& origin,
                                      const WorkerSettingsPatch& settings = {});

  // Stores a version that is the newest one with other secrets, without sending
  // requests to it. One to remove that is not there is as good as removed.
  // kInvalid: a binding of another type has the name of a secret to set.
  Result<VersionRecord> CreateVersionWithSecrets(const AccountId& account,
                                                 std::string_view worker,
                                                 const SecretChanges& changes,
                                                 const Origin& origin);

  // The same, and sends all requests to it. kConflict: the newest version is
  // not the one that has them, so that they would get code that nobody has
  // deployed.
  Result<Published> PublishSecrets(const AccountId& account,
                                   std::string_view worker,
                                   const SecretChanges& changes,
                                   const Origin& origin);

  // Divides the requests among versions. kInvalid: none, one named twice, parts
  // that do not add up to 10,000. kNotFound: one that this Worker does not
  // have. kConflict, unless kTakeBack: a version that had requests before shall
  // have all of them again, and secrets have changed since; they are named.
  enum class Secrets : unsigned char { kKeep, kTakeBack };
  Result<Published> Deploy(const AccountId& account, std::string_view worker,
                           const std::vector<TrafficShare>& traffic,
                           const Origin& origin,
                           Secrets secrets = Secrets::kKeep);

  // Its versions, deployments, routes and custom domains go with it. What they
  // had in Blobs is noted as loose (registry/loose_blobs.h).
  Result<Sequence> DeleteWorker(const AccountId& account,
                                std::string_view worker);

  // Whether the Worker answers under its host names; what is absent stays.
  using WorkerChanged = registry::WorkerChanged;
  Result<WorkerChanged> SetSubdomain(const AccountId& account,
                                     std::string_view worker,
                                     std::optional<bool> enabled,
                                     std::optional<bool> previews_enabled);

  Result<Worker> PatchSettings(const AccountId& account,
                               std::string_view worker,
                               const WorkerSettingsPatch& patch);

  // The Workers of all accounts that have the setting, with it.
  Result<std::vector<std::pair<WorkerId, std::string>>> ListObservability();

  // A signature by the key of this installation (SecretBox::Sign()).
  std::string Sign(std::string_view text, std::string_view purpose) const {
    return secrets_.Sign(text, purpose);
  }
  bool IsSigned(std::string_view text, std::string_view purpose,
                std::string_view signature) const {
    return secrets_.IsSigned(text, purpose, signature);
  }

  // ---- zones, routes and custom domains ----

  Zones& zones() CARAVEL_LIFETIME_BOUND { return zones_; }

  // ---- looking ----

  Result<Worker> GetWorker(const AccountId& account, std::string_view worker);
  Result<std::vector<Worker>> ListWorkers(const AccountId& account);

  // Newest first.
  Result<std::vector<VersionRecord>> ListVersions(const AccountId& account,
                                                  std::string_view worker,
                                                  size_t limit);
  Result<std::vector<Deployment>> ListDeployments(const AccountId& account,
                                                  std::string_view worker,
                                                  size_t limit);
  Result<Deployment> GetDeployment(const AccountId& account,
                                   std::string_view worker,
                                   const DeploymentId& deployment);
  Result<VersionRecord> GetVersion(const AccountId& account,
                                   std::string_view worker,
                                   const VersionId& version);
  // What each of the Worker's versions exports beside its default export that
  // has requests, and what its newest one does (registry/exports.h).
  Result<std::vector<std::vector<std::string>>> ListExports(
      const AccountId& account, std::string_view worker);

  // ---- the config stream, for hosts: secrets are in plain text ----

  // All Workers with a deployment, as of one moment.
  Result<Snapshot> LoadSnapshot();

  // At most `limit` changes behind `after`, oldest first. A change carries its
  // Worker as it is when read, which may be newer than its place. kNotFound
  // when changes behind `after` are gone: load a snapshot instead.
  Result<std::vector<Change>> ChangesAfter(Sequence after, size_t limit);

  // Forgets all but the newest `keep` changes.
  Status TrimChanges(uint64_t keep);

 private:
  Registry(storage::Database& database, storage::Log& log, SecretBox secrets,
           const base::Clock& clock, Options options);

  // What the work of one transaction needs beside it.
  RegistryParts Parts() const;
  // Runs `work` on a Publisher of a writing transaction.
  template <typename Work>
  auto Change(Work work);
  // Runs `look` on a reading transaction and the Worker of that name.
  template <typename Look>
  auto LookAt(const AccountId& account, std::string_view worker, Look look);

  storage::Database& database_;
  storage::Log& log_;
  const SecretBox secrets_;
  const base::Clock& clock_;
  const Options options_;
  Zones zones_;
  Accounts accounts_;
  Tokens tokens_;
  Members members_;
};

}  // namespace caravel::registry
