#include "control/zone_endpoints.h"

#include "base/clock.h"
#include "control/permissions.h"

namespace caravel::api {
namespace {

ZoneSeen Seen(const registry::Zone& zone) {
  return {.id = zone.id.value,
          .name = zone.name,
          .status = "active",
          .paused = false,
          .type = "full",
          .account = {.id = zone.account.value, .name = std::nullopt},
          .origin = zone.origin,
          .trusted_origin = zone.trusted,
          .created_on = base::FormatTime(zone.created),
          .modified_on = base::FormatTime(zone.created)};
}

// Whose zones are asked for: that account's if the token opens it; where none
// is named its own, and of a member each in which they may see zones.
Result<std::vector<registry::AccountId>> AccountsAsked(
    const Caller& caller, const std::optional<std::string>& named) {
  std::vector<registry::AccountId> accounts;
  if (named) {
    CARAVEL_TRY(const bool opens,
                Opens(caller.services.registry, caller.owner, {*named}));
    if (opens) accounts.push_back({*named});
  } else if (caller.owner.user.value.empty()) {
    accounts.push_back(caller.owner.account);
  }
  for (const registry::Seat& seat : caller.owner.seats) {
    if (!named) accounts.push_back(seat.account);
  }
  std::erase_if(accounts, [&](const registry::AccountId& account) {
    return !IsAllowed(caller.owner, account, Scope::kZoneRead);
  });
  return accounts;
}

}  // namespace

Result<Page<ZoneSeen>> ListZones(Caller& caller, Query<ZonesQuery> query) {
  const ZonesQuery& asked = query.value;
  CARAVEL_TRY(const std::vector<registry::AccountId> accounts,
              AccountsAsked(caller, asked.account_id));
  std::vector<ZoneSeen> seen;
  for (const registry::AccountId& account : accounts) {
    CARAVEL_TRY(const std::vector<registry::Zone> zones,
                caller.services.registry.zones().List(account));
    for (const registry::Zone& zone : zones) {
      if (asked.name && registry::LowerHost(*asked.name) != zone.name) continue;
      seen.push_back(Seen(zone));
    }
  }
  return PageOf(std::move(seen),
                PageQuery{.page = asked.page, .per_page = asked.per_page});
}

Result<ZoneSeen> PostZone(Caller& caller, ZoneInput input) {
  if (input.account) {
    const registry::AccountId account{input.account->id};
    CARAVEL_TRY(const bool opens,
                Opens(caller.services.registry, caller.owner, account));
    if (!opens) return NoSuchAccount(caller.owner, account.value);
    if (!IsAllowed(caller.owner, account, Scope::kZoneWrite)) {
      return Error(
          ErrorCode::kDenied,
          fmt::format("token \"{}\" lacks the scope \"{}\" in that "
                      "account",
                      caller.owner.name, ScopeName(Scope::kZoneWrite)));
    }
    caller.account = account;
  }
  if (input.type && *input.type != "full") {
    return Error(ErrorCode::kInvalid,
                 fmt::format("type: \"{}\" is not built", *input.type))
        .Remedy("leave it out, or say \"full\"");
  }
  CARAVEL_TRY(const registry::Zones::ZoneChanged changed,
              caller.services.registry.zones().Add(caller.account, input.name,
                                                   input.origin.value_or(""),
                                                   caller.owner.runs_platform));
  caller.services.observer.Published(changed.sequence);
  return Seen(changed.zone);
}

Result<ZoneSeen> GetZone(Caller& caller, const ZonePath& path) {
  CARAVEL_TRY(const registry::Zone zone, caller.services.registry.zones().Get(
                                             caller.account, {path.zone_id}));
  return Seen(zone);
}

Result<ZoneSeen> PatchZone(Caller& caller, const ZonePath& path,
                           ZonePatch input) {
  CARAVEL_TRY(const registry::Zones::ZoneChanged changed,
              caller.services.registry.zones().SetOrigin(
                  caller.account, {path.zone_id}, input.origin,
                  caller.owner.runs_platform));
  caller.services.observer.Published(changed.sequence);
  return Seen(changed.zone);
}

Result<ZoneGoneSeen> DeleteZone(Caller& caller, const ZonePath& path) {
  CARAVEL_TRY(
      const registry::Sequence sequence,
      caller.services.registry.zones().Remove(caller.account, {path.zone_id}));
  caller.services.observer.Published(sequence);
  return ZoneGoneSeen{path.zone_id};
}

}  // namespace caravel::api
