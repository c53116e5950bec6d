#include "registry/published_reader.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <set>

#include "base/clock.h"
#include "registry/account_table.h"
#include "registry/host_names.h"
#include "registry/published_record.h"
#include "registry/version_table.h"
#include "registry/worker_table.h"
#include "registry/zone_table.h"

namespace caravel::registry {
namespace {

using storage::Transaction;

class PublishedReader {
 public:
  PublishedReader(Transaction& transaction, const RegistryParts& parts)
      : transaction_(transaction), parts_(parts) {}

  // Nothing for a Worker without a deployment.
  Result<std::optional<PublishedWorker>> Read(const Worker& worker) {
    CARAVEL_TRY(const auto deployments,
                ReadDeployments(transaction_, worker.id, 1));
    if (deployments.empty()) return std::optional<PublishedWorker>();
    PublishedWorker published = {.id = worker.id,
                                 .account = worker.account,
                                 .name = worker.name,
                                 .hosts = {},
                                 .traffic = deployments[0].traffic,
                                 .versions = {},
                                 .domains = {},
                                 .previews = {}};
    CARAVEL_TRY(const Account account, AccountOf(worker.account));
    const std::vector<std::string> hosts =
        HostNames(account, worker.name, parts_.domain);
    if (worker.subdomain_enabled) published.hosts = hosts;
    if (worker.previews_enabled) {
      CARAVEL_TRY(published.previews, ReadPreviews(worker.id, hosts));
    }
    CARAVEL_TRY(published.domains, ReadWorkerDomains(transaction_, worker.id));
    for (const TrafficShare& share : published.traffic) {
      CARAVEL_TRY(Version version, ReadOpen(worker.id, share.version));
      published.versions.push_back(std::move(version));
    }
    return std::optional<PublishedWorker>(std::move(published));
  }

 private:
  Result<Account> AccountOf(const AccountId& id) {
    const auto known = accounts_.find(id);
    if (known != accounts_.end()) return known->second;
    CARAVEL_TRY(Account account, ReadAccount(transaction_, id));
    return accounts_.emplace(id, std::move(account)).first->second;
  }

  // Of two versions with one alias the newer has it.
  Result<std::vector<PublishedPreview>> ReadPreviews(
      const WorkerId& worker, const std::vector<std::string>& hosts) {
    CARAVEL_TRY(const std::vector<VersionRecord> records,
                ReadVersions(transaction_, worker, kPreviews));
    std::vector<PublishedPreview> previews;
    std::set<std::string> taken;
    for (const VersionRecord& record : records) {
      constexpr size_t kDigits = 8;
      PublishedPreview preview;
      std::vector<std::string> names = {
          record.version.id.value.substr(0, kDigits)};
      const auto alias = record.origin.annotations.find("workers/alias");
      if (alias != record.origin.annotations.end()) {
        names.push_back(alias->second);
      }
      for (const std::string& name : names) {
        for (const std::string& host : hosts) {
          std::string full = PreviewHost(name, host);
          if (full.empty() || !taken.insert(full).second) continue;
          preview.hosts.push_back(std::move(full));
        }
      }
      if (preview.hosts.empty()) continue;
      CARAVEL_TRY(preview.version, ReadOpen(worker, record.version.id));
      previews.push_back(std::move(preview));
    }
    return previews;
  }

  // The version with its secrets unsealed.
  Result<Version> ReadOpen(const WorkerId& worker, const VersionId& id) {
    CARAVEL_TRY(std::optional<VersionRecord> record,
                ReadVersion(transaction_, worker, id));
    CARAVEL_CHECK(record.has_value(), id.value);
    CARAVEL_TRY(std::vector<StoredBinding> stored,
                ReadBindings(transaction_, id));
    Version version = std::move(record->version);
    const std::string metadata =
        fmt::format("{} {}", base::FormatTime(record->created),
                    record->origin.annotations["workers/tag"]);
    version.bindings.clear();
    for (StoredBinding& binding : stored) {
      std::string text = std::move(binding.content);
      if (binding.type == BindingType::kSecretText) {
        CARAVEL_TRY(text, parts_.secrets.Unseal(
                              text, SecretPlace(worker, binding.name)));
      } else if (binding.type == BindingType::kVersionMetadata) {
        text = metadata;
      }
      version.bindings.push_back({.name = std::move(binding.name),
                                  .type = binding.type,
                                  .text = std::move(text)});
    }
    return version;
  }

  Transaction& transaction_;
  const RegistryParts& parts_;
  std::map<AccountId, Account> accounts_;
};

Result<PublishedZone> ReadPublishedZone(Transaction& transaction,
                                        const Zone& zone) {
  PublishedZone published = {.id = zone.id,
                             .account = zone.account,
                             .name = zone.name,
                             .origin = zone.origin,
                             .trusted = zone.trusted,
                             .routes = {}};
  CARAVEL_TRY(const std::vector<StoredRoute> routes,
              ReadZoneRoutes(transaction, zone.id));
  for (const StoredRoute& each : routes) {
    published.routes.push_back(
        {.pattern = each.route.pattern, .worker = each.worker});
  }
  return published;
}

}  // namespace

Result<Snapshot> ReadSnapshot(Transaction& transaction,
                              const RegistryParts& parts) {
  Snapshot snapshot;
  CARAVEL_TRY(snapshot.sequence.value,
              parts.log.Newest(transaction, kPublishedTopic));
  CARAVEL_TRY(const std::vector<Worker> workers,
              ReadWorkers(transaction, std::nullopt));
  PublishedReader reader(transaction, parts);
  for (const Worker& worker : workers) {
    CARAVEL_TRY(std::optional<PublishedWorker> published, reader.Read(worker));
    if (published) snapshot.workers.push_back(*std::move(published));
  }
  CARAVEL_TRY(const std::vector<Zone> zones,
              ReadZones(transaction, std::nullopt));
  for (const Zone& zone : zones) {
    CARAVEL_TRY(PublishedZone published, ReadPublishedZone(transaction, zone));
    snapshot.zones.push_back(std::move(published));
  }
  return snapshot;
}

Result<std::vector<Change>> ReadChanges(Transaction& transaction,
                                        const RegistryParts& parts,
                                        Sequence after, size_t limit) {
  CARAVEL_TRY(
      const auto records,
      parts.log.ReadAfter(transaction, kPublishedTopic, after.value, limit));
  PublishedReader reader(transaction, parts);
  std::vector<Change> changes;
  for (const storage::LogRecord& record : records) {
    CARAVEL_TRY(const auto what, base::Decode<PublishedRecord>(record.bytes));
    Change change = {.sequence = {record.sequence},
                     .worker = what.worker,
                     .now = std::nullopt,
                     .zone = what.zone,
                     .zone_now = std::nullopt};
    if (!what.zone.value.empty()) {
      CARAVEL_TRY(const auto zone, ReadZone(transaction, what.zone));
      if (zone) {
        CARAVEL_TRY(change.zone_now, ReadPublishedZone(transaction, *zone));
      }
      changes.push_back(std::move(change));
      continue;
    }
    CARAVEL_TRY(const auto worker, ReadWorker(transaction, what.worker));
    if (worker) {
      CARAVEL_TRY(change.now, reader.Read(*worker));
    }
    changes.push_back(std::move(change));
  }
  return changes;
}

}  // namespace caravel::registry
