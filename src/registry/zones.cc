#include "registry/zones.h"

#include <fmt/format.h>

#include <set>

#include "base/random.h"
#include "registry/published_record.h"
#include "registry/route_pattern.h"
#include "registry/zone_origin.h"
#include "registry/zone_table.h"

namespace caravel::registry {
namespace {

using storage::Transaction;

// Names that are the platform's: of this machine, and of the operator's domain.
Status CheckNotReserved(std::string_view name, std::string_view domain,
                        bool by_operator) {
  constexpr std::string_view kLocalhost = "localhost";
  const std::string own = LowerHost(domain);
  const bool within =
      IsWithin(name, kLocalhost) || (!own.empty() && IsWithin(name, own));
  const bool around = !own.empty() && IsWithin(own, name);
  if (!within && (!around || by_operator)) return {};
  return Error(ErrorCode::kDenied,
               fmt::format("zone \"{}\": Workers answer under names of the "
                           "platform there",
                           name))
      .Remedy("name a domain of your own");
}

Status CheckNotTaken(const std::vector<Zone>& all, const AccountId& account,
                     std::string_view name) {
  for (const Zone& zone : all) {
    if (zone.name == name && zone.account == account) {
      return Error(ErrorCode::kConflict,
                   fmt::format("zone \"{}\" is there already", name))
          .Remedy(fmt::format(
              "`./caravel zone set {} --origin URL` changes its origin", name));
    }
    const bool overlaps =
        IsWithin(name, zone.name) || IsWithin(zone.name, name);
    if (overlaps && zone.account != account) {
      return Error(ErrorCode::kConflict,
                   fmt::format("zone \"{}\": the name, or one within or "
                               "around it, belongs to another account",
                               name))
          .Remedy("ask the operator of this platform");
    }
  }
  return {};
}

Status CheckOrigin(std::string_view origin) {
  if (origin.empty()) return {};
  CARAVEL_TRY(ZoneOrigin::Parse(origin));
  return {};
}

Error NoSuchZone(std::string_view zone) {
  return Error(ErrorCode::kNotFound,
               fmt::format("zone \"{}\" does not exist in this account",
                           zone.substr(0, 300)))
      .Remedy("`./caravel zone list` shows those that do");
}

Error NotInZone(std::string_view host, std::string_view zone) {
  return Error(
             ErrorCode::kInvalid,
             fmt::format("\"{}\" does not lie in the zone \"{}\"", host, zone))
      .Remedy("name the zone that it lies in, or leave the zone out");
}

Status CheckRoom(const std::vector<Zone>& all, const AccountId& account) {
  const auto own = std::ranges::count(all, account, &Zone::account);
  if (static_cast<size_t>(own) < Zones::kMaxZones) return {};
  return Error(ErrorCode::kLimit,
               fmt::format("the account has {} zones, as many as it may", own))
      .Remedy("remove those that are not used: ./caravel zone remove DOMAIN");
}

}  // namespace

Result<Sequence> AppendZoneChange(Transaction& transaction,
                                  const RegistryParts& parts,
                                  const ZoneId& zone) {
  CARAVEL_TRY(const uint64_t sequence,
              parts.log.Append(
                  transaction, kPublishedTopic,
                  base::Encode(PublishedRecord{.worker = {}, .zone = zone})));
  return Sequence{sequence};
}

Result<Sequence> AppendWorkerChange(Transaction& transaction,
                                    const RegistryParts& parts,
                                    const WorkerId& worker) {
  CARAVEL_TRY(const uint64_t sequence,
              parts.log.Append(transaction, kPublishedTopic,
                               base::Encode(PublishedRecord{worker})));
  return Sequence{sequence};
}

Result<Zone> FindZone(Transaction& transaction, const AccountId& account,
                      const ZoneId& id) {
  CARAVEL_TRY(std::optional<Zone> zone, ReadZone(transaction, id));
  if (!zone || zone->account != account) return NoSuchZone(id.value);
  return *std::move(zone);
}

Result<Zone> FindZoneOf(const std::vector<Zone>& zones, std::string_view host,
                        const std::optional<std::string>& id,
                        const std::optional<std::string>& name) {
  const std::string wanted = name ? LowerHost(*name) : "";
  const Zone* best = nullptr;
  for (const Zone& zone : zones) {
    if (id ? zone.id.value != *id
           : (name ? zone.name != wanted : !IsWithin(host, zone.name))) {
      continue;
    }
    if (best == nullptr || zone.name.size() > best->name.size()) best = &zone;
  }
  if (best == nullptr) {
    if (id || name) return NoSuchZone(id ? *id : *name);
    return Error(ErrorCode::kNotFound,
                 fmt::format("\"{}\" lies in no zone of this account", host))
        .Remedy("add its domain: ./caravel zone add DOMAIN --origin URL");
  }
  if (!IsWithin(host, best->name)) return NotInZone(host, best->name);
  return *best;
}

Result<Zones::ZoneChanged> Zones::Add(const AccountId& account,
                                      std::string_view name,
                                      std::string_view origin,
                                      bool by_operator) {
  const std::string lower = LowerHost(name);
  CARAVEL_TRY(CheckHostName(lower));
  CARAVEL_TRY(CheckOrigin(origin));
  return database_.Transact(
      [&](Transaction& transaction) -> Result<ZoneChanged> {
        const RegistryParts parts = parts_();
        CARAVEL_TRY(CheckNotReserved(lower, parts.domain, by_operator));
        CARAVEL_TRY(transaction.Lock("zones"));
        CARAVEL_TRY(const std::vector<Zone> all,
                    ReadZones(transaction, std::nullopt));
        CARAVEL_TRY(CheckNotTaken(all, account, lower));
        CARAVEL_TRY(CheckRoom(all, account));
        Zone zone{.id = {base::RandomHex(16)},
                  .account = account,
                  .name = lower,
                  .origin = std::string(origin),
                  .trusted = by_operator && !origin.empty(),
                  .created = parts.now};
        CARAVEL_TRY(InsertZone(transaction, zone));
        CARAVEL_TRY(const Sequence sequence,
                    AppendZoneChange(transaction, parts, zone.id));
        return ZoneChanged{std::move(zone), sequence};
      });
}

Result<Zones::ZoneChanged> Zones::SetOrigin(const AccountId& account,
                                            const ZoneId& id,
                                            std::string_view origin,
                                            bool by_operator) {
  CARAVEL_TRY(CheckOrigin(origin));
  return database_.Transact(
      [&](Transaction& transaction) -> Result<ZoneChanged> {
        CARAVEL_TRY(Zone zone, FindZone(transaction, account, id));
        zone.origin = origin;
        zone.trusted = by_operator && !origin.empty();
        CARAVEL_TRY(UpdateZoneOrigin(transaction, zone));
        CARAVEL_TRY(const Sequence sequence,
                    AppendZoneChange(transaction, parts_(), id));
        return ZoneChanged{std::move(zone), sequence};
      });
}

Result<Sequence> Zones::Remove(const AccountId& account, const ZoneId& id) {
  return database_.Transact([&](Transaction& transaction) -> Result<Sequence> {
    const RegistryParts parts = parts_();
    CARAVEL_TRY(const Zone zone, FindZone(transaction, account, id));
    CARAVEL_TRY(const std::vector<StoredDomain> domains,
                ReadAccountDomains(transaction, account));
    CARAVEL_TRY(DeleteZoneRow(transaction, id));
    std::set<WorkerId> changed;
    for (const StoredDomain& each : domains) {
      if (each.domain.zone == id) changed.insert(each.worker);
    }
    for (const WorkerId& worker : changed) {
      CARAVEL_TRY(AppendWorkerChange(transaction, parts, worker));
    }
    return AppendZoneChange(transaction, parts, id);
  });
}

Result<std::vector<Zone>> Zones::List(const AccountId& account) {
  return database_.Read([&](Transaction& transaction) {
    return ReadZones(transaction, account);
  });
}

Result<std::optional<AccountId>> Zones::OwnerOf(const ZoneId& zone) {
  return database_.Read(
      [&](Transaction& transaction) -> Result<std::optional<AccountId>> {
        CARAVEL_TRY(std::optional<Zone> found, ReadZone(transaction, zone));
        if (!found) return std::optional<AccountId>();
        return std::optional(std::move(found->account));
      });
}

Result<Zone> Zones::Get(const AccountId& account, const ZoneId& zone) {
  return database_.Read([&](Transaction& transaction) {
    return FindZone(transaction, account, zone);
  });
}

}  // namespace caravel::registry
