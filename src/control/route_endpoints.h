#pragma once

#include <optional>
#include <string>
#include <vector>

#include "control/endpoint_traits.h"
#include "control/paths.h"
#include "control/services.h"
#include "control/zone_endpoints.h"

// Routes: which requests of a zone go to which Worker. A Worker's all at once,
// as wrangler sets them, and a zone's one by one.
namespace caravel::api {

struct ZoneRoutePath {
  std::string zone_id;
  std::string route_id;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&ZoneRoutePath::zone_id, "Id of the zone").Length(1, 64),
        api::Field(&ZoneRoutePath::route_id, "Id of the route").Length(1, 64));
  }
};
BOOST_DESCRIBE_STRUCT(ZoneRoutePath, (), (zone_id, route_id))

struct WorkerRouteInput {
  std::string pattern;
  std::optional<std::string> zone_id;
  std::optional<std::string> zone_name;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&WorkerRouteInput::pattern,
                   "Host and path; * may begin the host and end the path")
            .Length(1, 2048),
        api::Field(&WorkerRouteInput::zone_id, "Id of its zone"),
        api::Field(&WorkerRouteInput::zone_name, "Name of its zone"));
  }
};
BOOST_DESCRIBE_STRUCT(WorkerRouteInput, (), (pattern, zone_id, zone_name))

struct ZoneRouteInput {
  std::string pattern;
  std::optional<std::string> script;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&ZoneRouteInput::pattern,
                   "Host and path; * may begin the host and end the path")
            .Length(1, 2048),
        api::Field(&ZoneRouteInput::script,
                   "Name of the Worker; absent: none runs there"));
  }
};
BOOST_DESCRIBE_STRUCT(ZoneRouteInput, (), (pattern, script))

struct RouteSeen {
  std::string id;
  std::string pattern;
  std::optional<std::string> script;
  std::string zone_id;
};
BOOST_DESCRIBE_STRUCT(RouteSeen, (), (id, pattern, script, zone_id))

struct RouteGoneSeen {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(RouteGoneSeen, (), (id))

Result<std::vector<RouteSeen>> ListWorkerRoutes(Caller& caller,
                                                const ScriptPath& path);
Result<std::vector<RouteSeen>> PutWorkerRoutes(
    Caller& caller, const ScriptPath& path,
    std::vector<WorkerRouteInput> input);
Result<std::vector<RouteSeen>> ListZoneRoutes(Caller& caller,
                                              const ZonePath& path);
Result<RouteSeen> PostZoneRoute(Caller& caller, const ZonePath& path,
                                ZoneRouteInput input);
Result<RouteSeen> GetZoneRoute(Caller& caller, const ZoneRoutePath& path);
Result<RouteSeen> PutZoneRoute(Caller& caller, const ZoneRoutePath& path,
                               ZoneRouteInput input);
Result<RouteGoneSeen> DeleteZoneRoute(Caller& caller,
                                      const ZoneRoutePath& path);

// 10020: the pattern belongs to another Worker.
inline constexpr ErrorNumbers kRouteErrors{
    .invalid = 10022, .not_found = 10007, .conflict = 10020};

inline constexpr Endpoint kListWorkerRoutes{
    .method = Method::kGet,
    .path = "/accounts/{account_id}/workers/scripts/{script_name}/routes",
    .scope = Scope::kRoutesRead,
    .summary = "List the routes of a Worker",
    .errors = kRouteErrors,
    .handler = &ListWorkerRoutes,
};

inline constexpr Endpoint kPutWorkerRoutes{
    .method = Method::kPut,
    .path = "/accounts/{account_id}/workers/scripts/{script_name}/routes",
    .scope = Scope::kRoutesWrite,
    .summary = "Make these all the routes of a Worker",
    .example = R"([{"pattern":"example.com/*"},)"
               R"({"pattern":"*.example.com/a","zone_name":"example.com"}])",
    .unknown_keys = UnknownKeys::kIgnore,
    .errors = kRouteErrors,
    .handler = &PutWorkerRoutes,
};

inline constexpr Endpoint kListZoneRoutes{
    .method = Method::kGet,
    .path = "/zones/{zone_id}/workers/routes",
    .scope = Scope::kRoutesRead,
    .summary = "List the routes of a zone",
    .errors = kRouteErrors,
    .handler = &ListZoneRoutes,
};

inline constexpr Endpoint kPostZoneRoute{
    .method = Method::kPost,
    .path = "/zones/{zone_id}/workers/routes",
    .scope = Scope::kRoutesWrite,
    .summary = "Send the requests that match a pattern to a Worker, or to none",
    .example = R"({"pattern":"example.com/*","script":"hello"})",
    .errors = kRouteErrors,
    .handler = &PostZoneRoute,
};

inline constexpr Endpoint kGetZoneRoute{
    .method = Method::kGet,
    .path = "/zones/{zone_id}/workers/routes/{route_id}",
    .scope = Scope::kRoutesRead,
    .summary = "See a route",
    .errors = kRouteErrors,
    .handler = &GetZoneRoute,
};

inline constexpr Endpoint kPutZoneRoute{
    .method = Method::kPut,
    .path = "/zones/{zone_id}/workers/routes/{route_id}",
    .scope = Scope::kRoutesWrite,
    .summary = "Change a route",
    .example = R"({"pattern":"example.com/*","script":"hello"})",
    .errors = kRouteErrors,
    .handler = &PutZoneRoute,
};

inline constexpr Endpoint kDeleteZoneRoute{
    .method = Method::kDelete,
    .path = "/zones/{zone_id}/workers/routes/{route_id}",
    .scope = Scope::kRoutesWrite,
    .summary = "Remove a route",
    .errors = kRouteErrors,
    .handler = &DeleteZoneRoute,
};

}  // namespace caravel::api
