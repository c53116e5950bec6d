// The custom domains of registry/zones.h.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/random.h"
#include "registry/publisher.h"
#include "registry/route_pattern.h"
#include "registry/zone_table.h"
#include "registry/zones.h"

namespace caravel::registry {
namespace {

using storage::Transaction;

Error DomainTaken(const CustomDomain& taken) {
  return Error(ErrorCode::kConflict,
               fmt::format("custom domain \"{}\" belongs to Worker \"{}\" "
                           "already",
                           taken.hostname, taken.worker))
      .Remedy("take it away from that Worker first");
}

}  // namespace

Result<Zones::DomainsChanged> Zones::PutDomains(
    const AccountId& account, std::string_view worker,
    const std::vector<NewDomain>& domains, Others others, bool may_take) {
  return database_.Transact([&](Transaction& transaction)
                                -> Result<DomainsChanged> {
    const RegistryParts parts = parts_();
    CARAVEL_TRY(const Worker owner,
                FindWorker(transaction, parts, account, worker));
    CARAVEL_TRY(const std::vector<Zone> zones, ReadZones(transaction, account));
    std::set<WorkerId> changed;
    std::set<std::string> kept;
    for (const NewDomain& domain : domains) {
      const std::string hostname = LowerHost(domain.hostname);
      CARAVEL_TRY(CheckHostName(hostname));
      CARAVEL_TRY(const Zone zone,
                  FindZoneOf(zones, hostname, domain.zone_id, domain.zone_name)
                      .In(fmt::format("custom domain \"{}\"", hostname)));
      kept.insert(hostname);
      CARAVEL_TRY(const std::optional<StoredDomain> taken,
                  ReadDomain(transaction, hostname));
      if (taken && taken->worker == owner.id) continue;
      if (taken && !may_take) return DomainTaken(taken->domain);
      if (taken) changed.insert(taken->worker);
      CARAVEL_TRY(
          PutDomainRow(transaction, {.domain = {.id = {base::RandomHex(16)},
                                                .zone = zone.id,
                                                .zone_name = zone.name,
                                                .hostname = hostname,
                                                .worker = owner.name},
                                     .worker = owner.id,
                                     .account = account}));
      changed.insert(owner.id);
    }
    CARAVEL_TRY(const std::vector<StoredDomain> all,
                ReadAccountDomains(transaction, account));
    DomainsChanged result;
    for (const StoredDomain& each : all) {
      if (each.worker != owner.id) continue;
      if (kept.contains(each.domain.hostname) || others == Others::kKeep) {
        result.domains.push_back(each.domain);
        continue;
      }
      CARAVEL_TRY(DeleteDomainRow(transaction, each.domain.id));
      changed.insert(owner.id);
    }
    for (const WorkerId& each : changed) {
      CARAVEL_TRY(result.sequence,
                  AppendWorkerChange(transaction, parts, each));
    }
    return result;
  });
}

Result<Sequence> Zones::RemoveDomain(const AccountId& account,
                                     const DomainId& domain) {
  return database_.Transact([&](Transaction& transaction) -> Result<Sequence> {
    CARAVEL_TRY(const std::vector<StoredDomain> all,
                ReadAccountDomains(transaction, account));
    const auto found = std::ranges::find_if(
        all, [&](const auto& each) { return each.domain.id == domain; });
    if (found == all.end()) {
      return Error(ErrorCode::kNotFound,
                   fmt::format("custom domain {} does not exist in this "
                               "account",
                               domain.value));
    }
    CARAVEL_TRY(DeleteDomainRow(transaction, domain));
    return AppendWorkerChange(transaction, parts_(), found->worker);
  });
}

Result<std::vector<CustomDomain>> Zones::ListDomains(const AccountId& account) {
  return database_.Read(
      [&](Transaction& transaction) -> Result<std::vector<CustomDomain>> {
        CARAVEL_TRY(std::vector<StoredDomain> all,
                    ReadAccountDomains(transaction, account));
        std::vector<CustomDomain> domains;
        for (StoredDomain& each : all) {
          domains.push_back(std::move(each.domain));
        }
        return domains;
      });
}

}  // namespace caravel::registry
