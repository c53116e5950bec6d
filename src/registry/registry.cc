#include "registry/registry.h"

#include "base/random.h"
#include "registry/account_table.h"
#include "registry/host_names.h"
#include "registry/member_table.h"
#include "registry/published_reader.h"
#include "registry/publisher.h"
#include "registry/schema.h"
#include "registry/token_table.h"
#include "registry/version_table.h"
#include "registry/worker_table.h"
#include "registry/zone_table.h"
#include "storage/migrations.h"

namespace caravel::registry {
namespace {

using storage::Transaction;

constexpr std::string_view kFirstAccountName = "Caravel";
constexpr std::string_view kFirstSubdomain = "caravel";

}  // namespace

Registry::Registry(storage::Database& database, storage::Log& log,
                   SecretBox secrets, const base::Clock& clock, Options options)
    : database_(database),
      log_(log),
      secrets_(secrets),
      clock_(clock),
      options_(std::move(options)),
      zones_(database, [this] { return Parts(); }),
      accounts_(database, clock),
      tokens_(database, clock),
      members_(database, clock) {}

Result<std::unique_ptr<Registry>> Registry::Open(storage::Database& database,
                                                 storage::Log& log,
                                                 SecretBox secrets,
                                                 const base::Clock& clock,
                                                 Options options) {
  CARAVEL_TRY(storage::Migrate(database, "registry", RegistryMigrations()));
  CARAVEL_TRY(storage::Migrate(database, "zones", ZoneMigrations()));
  CARAVEL_TRY(storage::Migrate(database, "tokens", TokenMigrations()));
  CARAVEL_TRY(storage::Migrate(database, "members", MemberMigrations()));
  return std::unique_ptr<Registry>(
      new Registry(database, log, secrets, clock, std::move(options)));
}

RegistryParts Registry::Parts() const {
  return {.log = log_,
          .secrets = secrets_,
          .domain = options_.domain,
          .now = clock_.Wall()};
}

template <typename Work>
auto Registry::Change(Work work) {
  return database_.Transact([&](Transaction& transaction) {
    const RegistryParts parts = Parts();
    Publisher publisher(transaction, parts);
    return work(publisher);
  });
}

template <typename Look>
auto Registry::LookAt(const AccountId& account, std::string_view worker,
                      Look look) {
  using Outcome = std::invoke_result_t<Look&, Transaction&, Worker&>;
  return database_.Read([&](Transaction& transaction) -> Outcome {
    CARAVEL_TRY(Worker found,
                FindWorker(transaction, Parts(), account, worker));
    return look(transaction, found);
  });
}

// ---- accounts and tokens ----

Result<Registry::Bootstrap> Registry::EnsureBootstrap() {
  const std::string token = NewTokenValue();
  return database_.Transact([&](Transaction& transaction) -> Result<Bootstrap> {
    CARAVEL_TRY(transaction.Lock(kBootstrapToken));
    CARAVEL_TRY(const auto accounts, ReadAccounts(transaction));
    if (!accounts.empty()) return Bootstrap{accounts[0], std::nullopt};
    const Account account = {.id = {base::RandomHex(16)},
                             .number = 1,
                             .name = std::string(kFirstAccountName),
                             .subdomain = std::string(kFirstSubdomain),
                             .created = clock_.Wall()};
    CARAVEL_TRY(InsertAccount(transaction, account));
    CARAVEL_TRY(InsertToken(transaction,
                            NewToken(account.id,
                                     {.name = std::string(kBootstrapToken),
                                      .scopes = {std::string(kEveryScope)}},
                                     account.created),
                            token));
    return Bootstrap{account, token};
  });
}

Result<std::vector<Account>> Registry::ListAccounts() {
  return database_.Read(
      [](Transaction& transaction) { return ReadAccounts(transaction); });
}

Result<Account> Registry::GetAccount(const AccountId& account) {
  return database_.Read([&](Transaction& transaction) {
    return ReadAccount(transaction, account);
  });
}

// ---- publishing ----

Result<Published> Registry::Publish(const AccountId& account,
                                    std::string_view worker,
                                    const NewVersion& version,
                                    const Origin& origin,
                                    const WorkerSettingsPatch& settings) {
  return Change([&](Publisher& publisher) {
    return publisher.Publish(account, worker, version, origin, settings);
  });
}

Result<VersionRecord> Registry::CreateVersion(
    const AccountId& account, std::string_view worker,
    const NewVersion& version, const Origin& origin,
    const WorkerSettingsPatch& settings) {
  return Change([&](Publisher& publisher) {
    return publisher.CreateVersion(account, worker, version, origin, settings);
  });
}

Result<VersionRecord> Registry::CreateVersionWithSecrets(
    const AccountId& account, std::string_view worker,
    const SecretChanges& changes, const Origin& origin) {
  return Change([&](Publisher& publisher) {
    return publisher.CreateVersionWithSecrets(account, worker, changes, origin);
  });
}

Result<Published> Registry::PublishSecrets(const AccountId& account,
                                           std::string_view worker,
                                           const SecretChanges& changes,
                                           const Origin& origin) {
  return Change([&](Publisher& publisher) {
    return publisher.PublishSecrets(account, worker, changes, origin);
  });
}

Result<Published> Registry::Deploy(const AccountId& account,
                                   std::string_view worker,
                                   const std::vector<TrafficShare>& traffic,
                                   const Origin& origin, Secrets secrets) {
  return Change([&](Publisher& publisher) {
    return publisher.Deploy(account, worker, traffic, origin,
                            secrets == Secrets::kTakeBack);
  });
}

Result<Sequence> Registry::DeleteWorker(const AccountId& account,
                                        std::string_view worker) {
  return Change([&](Publisher& publisher) {
    return publisher.DeleteWorker(account, worker);
  });
}

Result<WorkerChanged> Registry::SetSubdomain(
    const AccountId& account, std::string_view worker,
    std::optional<bool> enabled, std::optional<bool> previews_enabled) {
  return Change([&](Publisher& publisher) {
    return publisher.SetSubdomain(account, worker, enabled, previews_enabled);
  });
}

Result<Worker> Registry::PatchSettings(const AccountId& account,
                                       std::string_view worker,
                                       const WorkerSettingsPatch& patch) {
  return Change([&](Publisher& publisher) {
    return publisher.PatchSettings(account, worker, patch);
  });
}

Result<std::vector<std::pair<WorkerId, std::string>>>
Registry::ListObservability() {
  return database_.Read(
      [](Transaction& transaction) { return ReadObservability(transaction); });
}

// ---- looking ----

Result<Worker> Registry::GetWorker(const AccountId& account,
                                   std::string_view worker) {
  return LookAt(account, worker,
                [](Transaction&, Worker& found) -> Result<Worker> {
                  return std::move(found);
                });
}

Result<std::vector<Worker>> Registry::ListWorkers(const AccountId& account) {
  return database_.Read(
      [&](Transaction& transaction) -> Result<std::vector<Worker>> {
        CARAVEL_TRY(const Account owner, ReadAccount(transaction, account));
        CARAVEL_TRY(std::vector<Worker> workers,
                    ReadWorkers(transaction, account));
        for (Worker& worker : workers) {
          worker.hosts = HostNames(owner, worker.name, options_.domain);
        }
        return workers;
      });
}

Result<std::vector<VersionRecord>> Registry::ListVersions(
    const AccountId& account, std::string_view worker, size_t limit) {
  return LookAt(account, worker, [&](Transaction& transaction, Worker& found) {
    return ReadVersions(transaction, found.id, limit);
  });
}

Result<std::vector<Deployment>> Registry::ListDeployments(
    const AccountId& account, std::string_view worker, size_t limit) {
  return LookAt(account, worker, [&](Transaction& transaction, Worker& found) {
    return ReadDeployments(transaction, found.id, limit);
  });
}

Result<Deployment> Registry::GetDeployment(const AccountId& account,
                                           std::string_view worker,
                                           const DeploymentId& deployment) {
  return LookAt(
      account, worker,
      [&](Transaction& transaction, Worker& found) -> Result<Deployment> {
        CARAVEL_TRY(std::optional<Deployment> stored,
                    ReadDeployment(transaction, found.id, deployment));
        if (stored) return *std::move(stored);
        return Error(ErrorCode::kNotFound,
                     fmt::format("deployment \"{}\" of Worker \"{}\" does not "
                                 "exist",
                                 deployment.value, found.name))
            .Remedy("`wrangler deployments list` shows those that do");
      });
}

Result<VersionRecord> Registry::GetVersion(const AccountId& account,
                                           std::string_view worker,
                                           const VersionId& version) {
  return LookAt(
      account, worker,
      [&](Transaction& transaction, Worker& found) -> Result<VersionRecord> {
        CARAVEL_TRY(std::optional<VersionRecord> record,
                    ReadVersion(transaction, found.id, version));
        if (!record) return NoSuchVersion(version, found.name);
        return *std::move(record);
      });
}

Result<std::vector<std::vector<std::string>>> Registry::ListExports(
    const AccountId& account, std::string_view worker) {
  return LookAt(account, worker, [](Transaction& transaction, Worker& found) {
    return ReadExports(transaction, found.id);
  });
}

// ---- the config stream ----

Result<Snapshot> Registry::LoadSnapshot() {
  return database_.Read([&](Transaction& transaction) {
    return ReadSnapshot(transaction, Parts());
  });
}

Result<std::vector<Change>> Registry::ChangesAfter(Sequence after,
                                                   size_t limit) {
  return database_.Read([&](Transaction& transaction) {
    return ReadChanges(transaction, Parts(), after, limit);
  });
}

Status Registry::TrimChanges(uint64_t keep) {
  return database_.Transact([&](Transaction& transaction) -> Status {
    CARAVEL_TRY(const uint64_t newest,
                log_.Newest(transaction, kPublishedTopic));
    if (newest <= keep) return {};
    return log_.Trim(transaction, kPublishedTopic, newest - keep);
  });
}

}  // namespace caravel::registry
