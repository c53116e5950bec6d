#include "control/zone_endpoints.h"

#include "base/clock.h"

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

}  // namespace

Result<Page<ZoneSeen>> ListZones(Caller& caller, Query<ZonesQuery> query) {
  const ZonesQuery& asked = query.value;
  CARAVEL_TRY(const std::vector<registry::Zone> zones,
              caller.services.registry.zones().List(caller.owner.account));
  std::vector<ZoneSeen> seen;
  for (const registry::Zone& zone : zones) {
    if (asked.name && registry::LowerHost(*asked.name) != zone.name) continue;
    if (asked.account_id && *asked.account_id != zone.account.value) continue;
    seen.push_back(Seen(zone));
  }
  return PageOf(std::move(seen),
                PageQuery{.page = asked.page, .per_page = asked.per_page});
}

Result<ZoneSeen> PostZone(Caller& caller, ZoneInput input) {
  if (input.account && input.account->id != caller.owner.account.value) {
    return Error(ErrorCode::kDenied,
                 fmt::format("account.id: the token belongs to the account {}",
                             caller.owner.account.value));
  }
  if (input.type && *input.type != "full") {
    return Error(ErrorCode::kInvalid,
                 fmt::format("type: \"{}\" is not built", *input.type))
        .Remedy("leave it out, or say \"full\"");
  }
  CARAVEL_TRY(const registry::Zones::ZoneChanged changed,
              caller.services.registry.zones().Add(
                  caller.owner.account, input.name, input.origin.value_or(""),
                  caller.owner.runs_platform));
  caller.services.observer.Published(changed.sequence);
  return Seen(changed.zone);
}

Result<ZoneSeen> GetZone(Caller& caller, const ZonePath& path) {
  CARAVEL_TRY(const registry::Zone zone,
              caller.services.registry.zones().Get(caller.owner.account,
                                                   {path.zone_id}));
  return Seen(zone);
}

Result<ZoneSeen> PatchZone(Caller& caller, const ZonePath& path,
                           ZonePatch input) {
  CARAVEL_TRY(const registry::Zones::ZoneChanged changed,
              caller.services.registry.zones().SetOrigin(
                  caller.owner.account, {path.zone_id}, input.origin,
                  caller.owner.runs_platform));
  caller.services.observer.Published(changed.sequence);
  return Seen(changed.zone);
}

Result<ZoneGoneSeen> DeleteZone(Caller& caller, const ZonePath& path) {
  CARAVEL_TRY(const registry::Sequence sequence,
              caller.services.registry.zones().Remove(caller.owner.account,
                                                      {path.zone_id}));
  caller.services.observer.Published(sequence);
  return ZoneGoneSeen{path.zone_id};
}

}  // namespace caravel::api
