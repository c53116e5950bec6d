// The routes of registry/zones.h.
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

Error RouteTaken(const Route& taken) {
  if (taken.worker.empty()) {
    return Error(ErrorCode::kConflict,
                 fmt::format("route \"{}\" keeps Workers away already",
                             taken.pattern))
        .Remedy("remove that route first");
  }
  return Error(ErrorCode::kConflict,
               fmt::format("route \"{}\" belongs to Worker \"{}\" already",
                           taken.pattern, taken.worker))
      .Remedy("take the route away from that Worker first, or delete it");
}

Error TooManyRoutes(std::string_view where) {
  return Error(ErrorCode::kLimit, fmt::format("{} has more than {} routes",
                                              where, Zones::kMaxRoutes))
      .Remedy("join some of them with a *");
}

Result<Sequence> AppendAll(Transaction& transaction, const RegistryParts& parts,
                           const std::set<ZoneId>& zones) {
  Sequence last;
  for (const ZoneId& zone : zones) {
    CARAVEL_TRY(const auto routes, ReadZoneRoutes(transaction, zone));
    if (routes.size() > Zones::kMaxRoutes) return TooManyRoutes("the zone");
    CARAVEL_TRY(last, AppendZoneChange(transaction, parts, zone));
  }
  return last;
}

std::vector<Route> RoutesOf(std::vector<StoredRoute> stored) {
  std::vector<Route> routes;
  for (StoredRoute& each : stored) routes.push_back(std::move(each.route));
  return routes;
}

}  // namespace

Result<Zones::RoutesChanged> Zones::ReplaceRoutes(
    const AccountId& account, std::string_view worker,
    const std::vector<NewRoute>& routes) {
  if (routes.size() > kMaxRoutes) return TooManyRoutes("a Worker");
  return database_.Transact(
      [&](Transaction& transaction) -> Result<RoutesChanged> {
        const RegistryParts parts = parts_();
        CARAVEL_TRY(const Worker owner,
                    FindWorker(transaction, parts, account, worker));
        CARAVEL_TRY(std::vector<StoredRoute> old,
                    ReadWorkerRoutes(transaction, owner.id));
        CARAVEL_TRY(const std::vector<Zone> zones,
                    ReadZones(transaction, account));
        std::set<ZoneId> changed;
        std::set<std::string> kept;
        for (const NewRoute& route : routes) {
          CARAVEL_TRY(const RoutePattern pattern,
                      RoutePattern::Parse(route.pattern));
          CARAVEL_TRY(const Zone zone,
                      FindZoneOf(zones, pattern.HostName(), route.zone_id,
                                 route.zone_name)
                          .In(fmt::format("route \"{}\"", route.pattern)));
          const std::string canonical = pattern.ToText();
          if (!kept.insert(canonical).second) continue;  // named twice
          CARAVEL_TRY(std::optional<StoredRoute> taken,
                      ReadRouteLike(transaction, canonical));
          if (taken && taken->worker != owner.id)
            return RouteTaken(taken->route);
          if (taken) {
            // The text may be another one.
            if (taken->route.pattern == route.pattern) continue;
            taken->route.pattern = route.pattern;
            CARAVEL_TRY(UpdateRoute(transaction, *taken, canonical));
          } else {
            CARAVEL_TRY(InsertRoute(transaction,
                                    {.route = {.id = {base::RandomHex(16)},
                                               .zone = zone.id,
                                               .pattern = route.pattern,
                                               .worker = owner.name},
                                     .worker = owner.id},
                                    canonical));
          }
          changed.insert(zone.id);
        }
        for (const StoredRoute& each : old) {
          CARAVEL_TRY(const RoutePattern pattern,
                      RoutePattern::Parse(each.route.pattern));
          if (kept.contains(pattern.ToText())) continue;
          CARAVEL_TRY(DeleteRouteRow(transaction, each.route.id));
          changed.insert(each.route.zone);
        }
        CARAVEL_TRY(const Sequence sequence,
                    AppendAll(transaction, parts, changed));
        CARAVEL_TRY(std::vector<StoredRoute> now,
                    ReadWorkerRoutes(transaction, owner.id));
        return RoutesChanged{RoutesOf(std::move(now)), sequence};
      });
}

Result<Zones::RoutesChanged> Zones::PutRoute(
    const AccountId& account, const ZoneId& zone_id,
    const std::optional<RouteId>& route, std::string_view text,
    const std::optional<std::string>& worker) {
  CARAVEL_TRY(const RoutePattern pattern, RoutePattern::Parse(text));
  const std::string canonical = pattern.ToText();
  return database_.Transact(
      [&](Transaction& transaction) -> Result<RoutesChanged> {
        const RegistryParts parts = parts_();
        CARAVEL_TRY(const Zone zone, FindZone(transaction, account, zone_id));
        CARAVEL_TRY(FindZoneOf({zone}, pattern.HostName(), zone_id.value,
                               std::nullopt));
        CARAVEL_TRY(const std::vector<StoredRoute> all,
                    ReadZoneRoutes(transaction, zone_id));
        StoredRoute stored{
            .route = {.id = route.value_or(RouteId{base::RandomHex(16)}),
                      .zone = zone_id,
                      .pattern = std::string(text),
                      .worker = {}},
            .worker = std::nullopt};
        if (worker && !worker->empty()) {
          CARAVEL_TRY(const Worker owner,
                      FindWorker(transaction, parts, account, *worker));
          stored.worker = owner.id;
          stored.route.worker = owner.name;
        }
        CARAVEL_TRY(const std::optional<StoredRoute> taken,
                    ReadRouteLike(transaction, canonical));
        if (taken && taken->route.id != stored.route.id) {
          return RouteTaken(taken->route);
        }
        if (!route) {
          CARAVEL_TRY(InsertRoute(transaction, stored, canonical));
        } else {
          const bool is_there = std::ranges::any_of(
              all, [&](const auto& each) { return each.route.id == *route; });
          if (!is_there) {
            return Error(ErrorCode::kNotFound,
                         fmt::format("zone \"{}\" has no route {}", zone.name,
                                     route->value))
                .Remedy("list the zone's routes");
          }
          CARAVEL_TRY(UpdateRoute(transaction, stored, canonical));
        }
        CARAVEL_TRY(const Sequence sequence,
                    AppendAll(transaction, parts, {zone_id}));
        return RoutesChanged{{std::move(stored.route)}, sequence};
      });
}

Result<Sequence> Zones::RemoveRoute(const AccountId& account,
                                    const ZoneId& zone_id,
                                    const RouteId& route) {
  return database_.Transact([&](Transaction& transaction) -> Result<Sequence> {
    CARAVEL_TRY(const Zone zone, FindZone(transaction, account, zone_id));
    CARAVEL_TRY(const std::vector<StoredRoute> all,
                ReadZoneRoutes(transaction, zone_id));
    const bool is_there = std::ranges::any_of(
        all, [&](const auto& each) { return each.route.id == route; });
    if (!is_there) {
      return Error(
          ErrorCode::kNotFound,
          fmt::format("zone \"{}\" has no route {}", zone.name, route.value));
    }
    CARAVEL_TRY(DeleteRouteRow(transaction, route));
    return AppendZoneChange(transaction, parts_(), zone_id);
  });
}

Result<std::vector<Route>> Zones::ListRoutes(const AccountId& account,
                                             const ZoneId& zone) {
  return database_.Read(
      [&](Transaction& transaction) -> Result<std::vector<Route>> {
        CARAVEL_TRY(FindZone(transaction, account, zone));
        CARAVEL_TRY(std::vector<StoredRoute> stored,
                    ReadZoneRoutes(transaction, zone));
        return RoutesOf(std::move(stored));
      });
}

Result<std::vector<Route>> Zones::ListRoutesOf(const AccountId& account,
                                               std::string_view worker) {
  return database_.Read(
      [&](Transaction& transaction) -> Result<std::vector<Route>> {
        CARAVEL_TRY(const Worker owner,
                    FindWorker(transaction, parts_(), account, worker));
        CARAVEL_TRY(std::vector<StoredRoute> stored,
                    ReadWorkerRoutes(transaction, owner.id));
        return RoutesOf(std::move(stored));
      });
}

}  // namespace caravel::registry
