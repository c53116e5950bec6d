// A change first locks the Worker's row, until the transaction ends: what it
// reads and writes back is the newest. Changes of one Worker follow each other,
// those of different Workers only meet in the Log, at the very end.
#include "registry/publisher.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "base/codec.h"
#include "base/random.h"
#include "registry/account_table.h"
#include "registry/binding_size.h"
#include "registry/bound_namespaces.h"
#include "registry/host_names.h"
#include "registry/loose_blobs.h"
#include "registry/published_record.h"
#include "registry/worker_table.h"
#include "registry/zone_table.h"
#include "registry/zones.h"

namespace caravel::registry {
namespace {

constexpr uint32_t kWhole = 10'000;  // hundredths of a percent

Status CheckTraffic(const std::vector<TrafficShare>& traffic) {
  uint64_t sum = 0;
  std::set<VersionId> seen;
  for (const TrafficShare& share : traffic) {
    sum += share.hundredths;
    if (!seen.insert(share.version).second) {
      return Error(ErrorCode::kInvalid,
                   fmt::format("version {} is named twice in a deployment",
                               share.version.value))
          .Remedy("add its percentages up");
    }
  }
  if (sum == kWhole) return {};
  return Error(ErrorCode::kInvalid,
               fmt::format("the percentages of a deployment add up to {:g}",
                           static_cast<double>(sum) / 100))
      .Remedy("make them 100");
}

// They are read with each look at all Workers.
constexpr size_t kMostSettingsBytes = 16 << 10;

size_t BytesOf(const WorkerSettings& settings) {
  return base::Encode(settings.tags).size() + settings.observability.size() +
         settings.tail_consumers.size();
}

// Settings that are too large may stay, or become smaller.
Status Apply(const WorkerSettingsPatch& patch, WorkerSettings& settings) {
  if (patch == WorkerSettingsPatch()) return {};
  const size_t before = BytesOf(settings);
  if (patch.tags) settings.tags = *patch.tags;
  if (patch.logpush) settings.logpush = *patch.logpush;
  if (patch.observability) settings.observability = *patch.observability;
  if (patch.tail_consumers) settings.tail_consumers = *patch.tail_consumers;
  const size_t bytes = BytesOf(settings);
  if (bytes <= std::max(kMostSettingsBytes, before)) return {};
  return Error(ErrorCode::kInvalid,
               fmt::format("tags, observability and tail_consumers of the "
                           "Worker have {} bytes together, and may have {}",
                           bytes, kMostSettingsBytes))
      .Remedy("say less in them");
}

Error NotInherited(std::string_view name) {
  return Error(ErrorCode::kInvalid,
               fmt::format("inherit binding '{0}' is invalid: the newest "
                           "version of the Worker has no binding '{0}'",
                           name))
      .Remedy("give its value, or set the secret first");
}

size_t BytesOf(const std::vector<StoredBinding>& bindings) {
  size_t bytes = 0;
  for (const StoredBinding& binding : bindings) {
    bytes += binding.name.size() + binding.content.size();
  }
  return bytes;
}

Status CheckNamesDiffer(const std::vector<StoredBinding>& bindings) {
  std::set<std::string_view> names;
  for (const StoredBinding& binding : bindings) {
    if (names.insert(binding.name).second) continue;
    return Error(ErrorCode::kInvalid,
                 fmt::format("binding \"{}\" is there twice", binding.name))
        .Remedy("give each binding a name of its own");
  }
  return {};
}

Result<Worker> Found(std::optional<Worker> worker, const RegistryParts& parts,
                     const Account& owner, std::string_view name) {
  if (!worker) {
    return Error(ErrorCode::kNotFound,
                 fmt::format("Worker \"{}\" does not exist in account \"{}\"",
                             name, owner.name))
        .Remedy("deploy it first");
  }
  worker->hosts = HostNames(owner, name, parts.domain);
  return *std::move(worker);
}

}  // namespace

Result<Worker> FindWorker(storage::Transaction& transaction,
                          const RegistryParts& parts, const AccountId& account,
                          std::string_view name) {
  CARAVEL_TRY(const Account owner, ReadAccount(transaction, account));
  CARAVEL_TRY(std::optional<Worker> worker,
              ReadWorker(transaction, account, name));
  return Found(std::move(worker), parts, owner, name);
}

Result<Worker> Publisher::LockWorker(const AccountId& account,
                                     std::string_view name) {
  CARAVEL_TRY(const Account owner, ReadAccount(transaction_, account));
  CARAVEL_TRY(std::optional<Worker> worker,
              ReadLockedWorker(transaction_, account, name));
  return Found(std::move(worker), parts_, owner, name);
}

Error NoSuchVersion(const VersionId& version, std::string_view worker) {
  return Error(ErrorCode::kNotFound,
               fmt::format("Worker \"{}\" has no version {}", worker,
                           version.value))
      .Remedy("`wrangler versions list` shows those that it has");
}

Result<Worker> Publisher::FindOrMake(const Account& account,
                                     std::string_view name) {
  const Worker made = {.id = {base::RandomHex(16)},
                       .account = account.id,
                       .name = std::string(name),
                       .settings = {},
                       .hosts = {},
                       .created = parts_.now,
                       .modified = parts_.now};
  CARAVEL_TRY(InsertWorkerIfAbsent(transaction_, made));
  return LockWorker(account.id, name);
}

Result<std::vector<StoredBinding>> Publisher::NewestBindings(
    const WorkerId& worker) {
  CARAVEL_TRY(const auto newest, ReadVersions(transaction_, worker, 1));
  if (newest.empty()) return std::vector<StoredBinding>();
  return ReadBindings(transaction_, newest[0].version.id);
}

std::string Publisher::Sealed(const WorkerId& worker, const std::string& name,
                              const std::string& text) const {
  return parts_.secrets.Seal(text, SecretPlace(worker, name));
}

Result<std::vector<StoredBinding>> Publisher::ResolveBindings(
    const Worker& worker, const NewVersion& version) {
  std::vector<StoredBinding> bindings;
  for (const Binding& binding : version.bindings) {
    const bool is_secret = binding.type == BindingType::kSecretText;
    bindings.push_back(
        {.name = binding.name,
         .type = binding.type,
         .content = is_secret ? Sealed(worker.id, binding.name, binding.text)
                              : binding.text});
  }
  CARAVEL_TRY(const std::vector<StoredBinding> before,
              NewestBindings(worker.id));
  for (const std::string& name : version.inherited) {
    const auto found = std::ranges::find(before, name, &StoredBinding::name);
    if (found == before.end()) return NotInherited(name);
    bindings.push_back(*found);
  }
  for (const StoredBinding& binding : before) {
    const bool is_kept = std::ranges::find(version.kept_types, binding.type) !=
                         version.kept_types.end();
    const bool is_named =
        std::ranges::find(bindings, binding.name, &StoredBinding::name) !=
        bindings.end();
    if (is_kept && !is_named) bindings.push_back(binding);
  }
  CARAVEL_TRY(CheckNamesDiffer(bindings));
  return bindings;
}

Status Publisher::CheckBindingsFit(const WorkerId& worker,
                                   const std::vector<StoredBinding>& bindings) {
  const size_t bytes = BytesOf(bindings);
  Status fits = CheckBindingBytes(bytes);
  if (fits) return fits;
  CARAVEL_TRY(const std::vector<StoredBinding> before, NewestBindings(worker));
  if (bytes <= BytesOf(before)) return {};
  return fits;
}

Result<VersionRecord> Publisher::Store(
    const Worker& worker, uint64_t number, VersionRecord draft,
    const std::vector<StoredBinding>& bindings) {
  CARAVEL_TRY(CheckBindingsFit(worker.id, bindings));
  draft.version.id = {base::RandomUuid()};
  draft.worker = worker.id;
  draft.number = static_cast<uint32_t>(number);
  draft.created = parts_.now;
  CARAVEL_TRY(InsertVersion(transaction_, draft, bindings));
  CARAVEL_TRY(
      DropNote(transaction_, draft.version.bundle_digest, BlobKind::kPlain));
  CARAVEL_TRY(DropNote(transaction_, draft.version.assets_digest,
                       BlobKind::kAssetList));
  CARAVEL_TRY(std::optional<VersionRecord> stored,
              ReadVersion(transaction_, worker.id, draft.version.id));
  CARAVEL_CHECK(stored.has_value(), draft.version.id.value);
  return *std::move(stored);
}

Result<VersionRecord> Publisher::AddVersion(const Worker& worker,
                                            const NewVersion& version,
                                            const Origin& origin) {
  CARAVEL_TRY(const uint64_t number,
              TakeVersionNumber(transaction_, worker.id));
  CARAVEL_TRY(const std::vector<StoredBinding> bindings,
              ResolveBindings(worker, version));
  CARAVEL_TRY(HoldNamespaces(transaction_, worker.account, bindings));
  return Store(worker, number,
               {.version = {.id = {},
                            .bundle_digest = version.bundle_digest,
                            .assets_digest = version.assets_digest,
                            .compatibility_date = version.compatibility_date,
                            .compatibility_flags = version.compatibility_flags,
                            .bindings = {},
                            .limits = version.limits},
                .worker = {},
                .number = 0,
                .origin = origin,
                .handlers = version.handlers,
                .entrypoints = version.entrypoints,
                .startup_ms = version.startup_ms,
                .created = {}},
               bindings);
}

Result<VersionRecord> Publisher::NewestVersion(const Worker& worker) {
  CARAVEL_TRY(std::vector<VersionRecord> newest,
              ReadVersions(transaction_, worker.id, 1));
  CARAVEL_CHECK(!newest.empty(), worker.id.value);
  return std::move(newest.front());
}

Result<VersionRecord> Publisher::AddVersionWithSecrets(
    const Worker& worker, uint64_t number, VersionRecord newest,
    const SecretChanges& changes, const Origin& origin) {
  CARAVEL_TRY(const std::vector<StoredBinding> before,
              ReadBindings(transaction_, newest.version.id));
  std::vector<StoredBinding> bindings;
  for (const StoredBinding& binding : before) {
    const auto change = changes.find(binding.name);
    if (change == changes.end()) {
      bindings.push_back(binding);
      continue;
    }
    if (binding.type != BindingType::kSecretText) {
      return Error(ErrorCode::kInvalid,
                   fmt::format("\"{}\" is a binding of the Worker that is no "
                               "secret",
                               binding.name))
          .Remedy("name the secret differently, or deploy without the binding");
    }
  }
  for (const auto& [name, text] : changes) {
    if (!text) continue;
    bindings.push_back({.name = name,
                        .type = BindingType::kSecretText,
                        .content = Sealed(worker.id, name, *text)});
  }
  newest.origin = origin;
  return Store(worker, number, std::move(newest), bindings);
}

Result<Published> Publisher::Send(Worker worker, uint64_t number,
                                  std::vector<TrafficShare> traffic,
                                  const Origin& origin) {
  Deployment deployment = {.id = {base::RandomUuid()},
                           .worker = worker.id,
                           .traffic = std::move(traffic),
                           .origin = origin,
                           .created = parts_.now};
  CARAVEL_TRY(InsertDeployment(transaction_, deployment, number));
  worker.modified = parts_.now;
  CARAVEL_TRY(UpdateWorker(transaction_, worker));
  CARAVEL_TRY(const Sequence sequence, AppendChange(worker.id));
  return Published{.worker = std::move(worker),
                   .deployment = std::move(deployment),
                   .version = std::nullopt,
                   .sequence = sequence};
}

Result<Published> Publisher::SendAll(Worker worker, VersionRecord version,
                                     const Origin& origin) {
  CARAVEL_TRY(const uint64_t number,
              TakeDeploymentNumber(transaction_, worker.id));
  CARAVEL_TRY(
      Published published,
      Send(std::move(worker), number,
           {{.version = version.version.id, .hundredths = kWhole}}, origin));
  published.version = std::move(version);
  return published;
}

Result<Sequence> Publisher::AppendChange(const WorkerId& worker) {
  return AppendWorkerChange(transaction_, parts_, worker);
}

Result<Published> Publisher::Publish(const AccountId& account,
                                     std::string_view worker,
                                     const NewVersion& version,
                                     const Origin& origin,
                                     const WorkerSettingsPatch& settings) {
  CARAVEL_TRY(const Account owner, ReadAccount(transaction_, account));
  CARAVEL_TRY(Worker found, FindOrMake(owner, worker));
  CARAVEL_TRY(Apply(settings, found.settings));
  CARAVEL_TRY(VersionRecord record, AddVersion(found, version, origin));
  return SendAll(std::move(found), std::move(record), origin);
}

Result<VersionRecord> Publisher::WithPreview(const Worker& worker,
                                             VersionRecord made) {
  if (worker.previews_enabled) {
    CARAVEL_TRY(made.sequence, AppendChange(worker.id));
  }
  return made;
}

Result<VersionRecord> Publisher::CreateVersion(
    const AccountId& account, std::string_view worker,
    const NewVersion& version, const Origin& origin,
    const WorkerSettingsPatch& settings) {
  CARAVEL_TRY(const Worker found, PatchSettings(account, worker, settings));
  CARAVEL_TRY(VersionRecord made, AddVersion(found, version, origin));
  return WithPreview(found, std::move(made));
}

Result<VersionRecord> Publisher::CreateVersionWithSecrets(
    const AccountId& account, std::string_view worker,
    const SecretChanges& changes, const Origin& origin) {
  CARAVEL_TRY(const Worker found, LockWorker(account, worker));
  CARAVEL_TRY(const uint64_t number, TakeVersionNumber(transaction_, found.id));
  CARAVEL_TRY(VersionRecord newest, NewestVersion(found));
  CARAVEL_TRY(
      VersionRecord made,
      AddVersionWithSecrets(found, number, std::move(newest), changes, origin));
  return WithPreview(found, std::move(made));
}

Result<Published> Publisher::PublishSecrets(const AccountId& account,
                                            std::string_view worker,
                                            const SecretChanges& changes,
                                            const Origin& origin) {
  CARAVEL_TRY(Worker found, LockWorker(account, worker));
  CARAVEL_TRY(const uint64_t number, TakeVersionNumber(transaction_, found.id));
  CARAVEL_TRY(VersionRecord newest, NewestVersion(found));
  CARAVEL_TRY(const std::vector<Deployment> deployments,
              ReadDeployments(transaction_, found.id, 1));
  const std::vector<TrafficShare> all = {
      {.version = newest.version.id, .hundredths = kWhole}};
  if (deployments.empty() || deployments[0].traffic != all) {
    return Error(ErrorCode::kConflict,
                 fmt::format("the newest version of Worker \"{}\", {}, is not "
                             "the one that all requests go to",
                             found.name, newest.version.id.value))
        .Remedy(
            "deploy it first (`wrangler versions deploy`), or make a version "
            "with the secret by `wrangler versions secret put`");
  }
  CARAVEL_TRY(
      VersionRecord record,
      AddVersionWithSecrets(found, number, std::move(newest), changes, origin));
  return SendAll(std::move(found), std::move(record), origin);
}

Result<Publisher::Texts> Publisher::SecretsOf(const WorkerId& worker,
                                              const VersionId& version) {
  CARAVEL_TRY(const std::vector<StoredBinding> bindings,
              ReadBindings(transaction_, version));
  Texts secrets;
  for (const StoredBinding& binding : bindings) {
    if (binding.type != BindingType::kSecretText) continue;
    CARAVEL_TRY(secrets[binding.name],
                parts_.secrets.Unseal(binding.content,
                                      SecretPlace(worker, binding.name)));
  }
  return secrets;
}

Status Publisher::CheckSecretsStay(const Worker& worker,
                                   const VersionId& version) {
  CARAVEL_TRY(const std::vector<Deployment> now,
              ReadDeployments(transaction_, worker.id, 1));
  if (now.empty()) return {};
  const std::vector<TrafficShare>& traffic = now[0].traffic;
  const auto most =
      std::ranges::max_element(traffic, {}, &TrafficShare::hundredths);
  if (std::ranges::find(traffic, version, &TrafficShare::version) !=
      traffic.end()) {
    return {};
  }
  CARAVEL_TRY(const bool had_requests,
              WasDeployed(transaction_, worker.id, version));
  if (!had_requests) return {};
  CARAVEL_TRY(const Texts then, SecretsOf(worker.id, version));
  CARAVEL_TRY(Texts changed, SecretsOf(worker.id, most->version));
  for (const auto& [name, text] : then) {
    const auto [found, is_gone] = changed.emplace(name, text);
    if (!is_gone && found->second == text) changed.erase(found);
  }
  if (changed.empty()) return {};
  // wrangler shows what stands behind the colon, and asks whether to go on.
  std::vector<std::string_view> names;
  for (const auto& [name, text] : changed) names.push_back(name);
  return Error(ErrorCode::kConflict,
               fmt::format("The following secrets have changed: {}",
                           fmt::join(names, ", ")));
}

Result<Published> Publisher::Deploy(const AccountId& account,
                                    std::string_view worker,
                                    const std::vector<TrafficShare>& traffic,
                                    const Origin& origin,
                                    bool take_back_secrets) {
  CARAVEL_TRY(Worker found, LockWorker(account, worker));
  CARAVEL_TRY(CheckTraffic(traffic));
  CARAVEL_TRY(const uint64_t number,
              TakeDeploymentNumber(transaction_, found.id));
  std::vector<StoredBinding> bound;
  for (const TrafficShare& share : traffic) {
    CARAVEL_TRY(const auto version,
                ReadVersion(transaction_, found.id, share.version));
    if (!version) return NoSuchVersion(share.version, found.name);
    CARAVEL_TRY(const auto bindings, ReadBindings(transaction_, share.version));
    bound.insert(bound.end(), bindings.begin(), bindings.end());
  }
  CARAVEL_TRY(HoldNamespaces(transaction_, account, bound));
  if (traffic.size() == 1 && !take_back_secrets) {
    CARAVEL_TRY(CheckSecretsStay(found, traffic[0].version));
  }
  return Send(std::move(found), number, traffic, origin);
}

Result<Sequence> Publisher::DeleteWorker(const AccountId& account,
                                         std::string_view worker) {
  CARAVEL_TRY(const Worker found, LockWorker(account, worker));
  // Its routes go with it; hosts hear of that first, so that none of them ever
  // has a route to a Worker that it does not know.
  CARAVEL_TRY(const std::vector<StoredRoute> routes,
              ReadWorkerRoutes(transaction_, found.id));
  std::set<ZoneId> zones;
  for (const StoredRoute& each : routes) zones.insert(each.route.zone);
  CARAVEL_TRY(NoteVersionsLoose(transaction_, found.id, ToMillis(parts_.now)));
  CARAVEL_TRY(DeleteWorkerRow(transaction_, found.id));
  for (const ZoneId& zone : zones) {
    CARAVEL_TRY(AppendZoneChange(transaction_, parts_, zone));
  }
  return AppendChange(found.id);
}

Result<WorkerChanged> Publisher::SetSubdomain(
    const AccountId& account, std::string_view worker,
    std::optional<bool> enabled, std::optional<bool> previews_enabled) {
  CARAVEL_TRY(Worker found, LockWorker(account, worker));
  found.subdomain_enabled = enabled.value_or(found.subdomain_enabled);
  found.previews_enabled = previews_enabled.value_or(found.previews_enabled);
  found.modified = parts_.now;
  CARAVEL_TRY(UpdateWorker(transaction_, found));
  CARAVEL_TRY(const Sequence sequence, AppendChange(found.id));
  return WorkerChanged{.worker = std::move(found), .sequence = sequence};
}

Result<Worker> Publisher::PatchSettings(const AccountId& account,
                                        std::string_view worker,
                                        const WorkerSettingsPatch& patch) {
  CARAVEL_TRY(Worker found, LockWorker(account, worker));
  if (patch == WorkerSettingsPatch()) return found;
  CARAVEL_TRY(Apply(patch, found.settings));
  found.modified = parts_.now;
  CARAVEL_TRY(UpdateWorker(transaction_, found));
  return found;
}

}  // namespace caravel::registry
