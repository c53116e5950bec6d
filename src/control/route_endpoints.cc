#include "control/route_endpoints.h"

#include <algorithm>

namespace caravel::api {
namespace {

RouteSeen Seen(const registry::Route& route) {
  return {.id = route.id.value,
          .pattern = route.pattern,
          .script =
              route.worker.empty() ? std::nullopt : std::optional(route.worker),
          .zone_id = route.zone.value};
}

std::vector<RouteSeen> Seen(const std::vector<registry::Route>& routes) {
  std::vector<RouteSeen> seen;
  for (const registry::Route& route : routes) seen.push_back(Seen(route));
  return seen;
}

Result<RouteSeen> Put(Caller& caller, const std::string& zone,
                      const std::optional<registry::RouteId>& route,
                      const ZoneRouteInput& input) {
  CARAVEL_TRY(const registry::Zones::RoutesChanged changed,
              caller.services.registry.zones().PutRoute(
                  caller.account, {zone}, route, input.pattern, input.script));
  caller.services.observer.Published(changed.sequence);
  return Seen(changed.routes.front());
}

}  // namespace

Result<std::vector<RouteSeen>> ListWorkerRoutes(Caller& caller,
                                                const ScriptPath& path) {
  CARAVEL_TRY(const std::vector<registry::Route> routes,
              caller.services.registry.zones().ListRoutesOf(caller.account,
                                                            path.script_name));
  return Seen(routes);
}

Result<std::vector<RouteSeen>> PutWorkerRoutes(
    Caller& caller, const ScriptPath& path,
    std::vector<WorkerRouteInput> input) {
  std::vector<registry::Zones::NewRoute> routes;
  for (WorkerRouteInput& route : input) {
    routes.push_back({.pattern = std::move(route.pattern),
                      .zone_id = std::move(route.zone_id),
                      .zone_name = std::move(route.zone_name)});
  }
  CARAVEL_TRY(const registry::Zones::RoutesChanged changed,
              caller.services.registry.zones().ReplaceRoutes(
                  caller.account, path.script_name, routes));
  caller.services.observer.Published(changed.sequence);
  return Seen(changed.routes);
}

Result<std::vector<RouteSeen>> ListZoneRoutes(Caller& caller,
                                              const ZonePath& path) {
  CARAVEL_TRY(const std::vector<registry::Route> routes,
              caller.services.registry.zones().ListRoutes(caller.account,
                                                          {path.zone_id}));
  return Seen(routes);
}

Result<RouteSeen> PostZoneRoute(Caller& caller, const ZonePath& path,
                                ZoneRouteInput input) {
  return Put(caller, path.zone_id, std::nullopt, input);
}

Result<RouteSeen> GetZoneRoute(Caller& caller, const ZoneRoutePath& path) {
  CARAVEL_TRY(const std::vector<registry::Route> routes,
              caller.services.registry.zones().ListRoutes(caller.account,
                                                          {path.zone_id}));
  const auto found = std::ranges::find_if(
      routes, [&](const auto& each) { return each.id.value == path.route_id; });
  if (found != routes.end()) return Seen(*found);
  return Error(ErrorCode::kNotFound,
               fmt::format("the zone has no route {}", path.route_id))
      .Remedy("list its routes");
}

Result<RouteSeen> PutZoneRoute(Caller& caller, const ZoneRoutePath& path,
                               ZoneRouteInput input) {
  return Put(caller, path.zone_id, registry::RouteId{path.route_id}, input);
}

Result<RouteGoneSeen> DeleteZoneRoute(Caller& caller,
                                      const ZoneRoutePath& path) {
  CARAVEL_TRY(const registry::Sequence sequence,
              caller.services.registry.zones().RemoveRoute(
                  caller.account, {path.zone_id}, {path.route_id}));
  caller.services.observer.Published(sequence);
  return RouteGoneSeen{path.route_id};
}

}  // namespace caravel::api
