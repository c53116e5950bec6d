#pragma once

#include <optional>
#include <string>

#include "control/endpoint_traits.h"
#include "control/paging.h"
#include "control/services.h"
#include "registry/route_pattern.h"
#include "registry/zone_origin.h"

// Zones: domains of an account, each with the origin behind it. The paths and
// fields are those of the Cloudflare API; `origin` is Caravel's own.
namespace caravel::api {

struct ZonePath {
  std::string zone_id;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&ZonePath::zone_id, "Id of the zone").Length(1, 64));
  }
};
BOOST_DESCRIBE_STRUCT(ZonePath, (), (zone_id))

struct ZonesQuery {
  std::optional<uint32_t> page;
  std::optional<uint32_t> per_page;
  std::optional<std::string> name;
  std::optional<std::string> account_id;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&ZonesQuery::page, "Which page, 1 is the first")
            .Range(1, 1'000'000),
        api::Field(&ZonesQuery::per_page, "Items a page").Range(1, 1000),
        api::Field(&ZonesQuery::name, "Only the zone of that name"),
        api::Field(&ZonesQuery::account_id, "Only zones of that account")
            .Key("account.id"));
  }
};
BOOST_DESCRIBE_STRUCT(ZonesQuery, (), (page, per_page, name, account_id))

struct ZoneAccount {
  std::string id;
  std::optional<std::string> name;
};
BOOST_DESCRIBE_STRUCT(ZoneAccount, (), (id, name))

struct ZoneInput {
  std::string name;
  std::optional<std::string> origin;
  std::optional<ZoneAccount> account;
  std::optional<std::string> type;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&ZoneInput::name, "The domain: example.com").Length(1, 255),
        api::Field(&ZoneInput::origin,
                   "Where its requests go that no Worker answers: "
                   "https://HOST:PORT")
            .Length(0, 300),
        api::Field(&ZoneInput::account, "The account of the token"),
        api::Field(&ZoneInput::type, "full"));
  }
};
BOOST_DESCRIBE_STRUCT(ZoneInput, (), (name, origin, account, type))

struct ZonePatch {
  std::string origin;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&ZonePatch::origin, "https://HOST:PORT; empty takes it away")
            .Length(0, 300));
  }
};
BOOST_DESCRIBE_STRUCT(ZonePatch, (), (origin))

struct ZoneSeen {
  std::string id;
  std::string name;
  std::string status;
  bool paused = false;
  std::string type;
  ZoneAccount account;
  std::string origin;           // empty: none
  bool trusted_origin = false;  // the operator named it
  std::string created_on;
  std::string modified_on;
};
BOOST_DESCRIBE_STRUCT(ZoneSeen, (),
                      (id, name, status, paused, type, account, origin,
                       trusted_origin, created_on, modified_on))

struct ZoneGoneSeen {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(ZoneGoneSeen, (), (id))

Result<Page<ZoneSeen>> ListZones(Caller& caller, Query<ZonesQuery> query);
Result<ZoneSeen> PostZone(Caller& caller, ZoneInput input);
Result<ZoneSeen> GetZone(Caller& caller, const ZonePath& path);
Result<ZoneSeen> PatchZone(Caller& caller, const ZonePath& path,
                           ZonePatch input);
Result<ZoneGoneSeen> DeleteZone(Caller& caller, const ZonePath& path);

// As the Cloudflare API numbers them.
inline constexpr ErrorNumbers kZoneErrors{
    .invalid = 1003, .not_found = 7003, .conflict = 1061, .denied = 1105};

inline constexpr Endpoint kListZones{
    .method = Method::kGet,
    .path = "/zones",
    .scope = Scope::kZoneRead,
    .summary = "List the zones of the token's account",
    .errors = kZoneErrors,
    .handler = &ListZones,
};

inline constexpr Endpoint kPostZone{
    .method = Method::kPost,
    .path = "/zones",
    .scope = Scope::kZoneWrite,
    .summary = "Add a domain with the origin behind it",
    .example = R"({"name":"example.com","origin":"https://192.0.2.5",)"
               R"("account":{"id":"0123"},"type":"full"})",
    .errors = kZoneErrors,
    .handler = &PostZone,
};

inline constexpr Endpoint kGetZone{
    .method = Method::kGet,
    .path = "/zones/{zone_id}",
    .scope = Scope::kZoneRead,
    .summary = "See a zone",
    .errors = kZoneErrors,
    .handler = &GetZone,
};

inline constexpr Endpoint kPatchZone{
    .method = Method::kPatch,
    .path = "/zones/{zone_id}",
    .scope = Scope::kZoneWrite,
    .summary = "Change the origin of a zone",
    .example = R"({"origin":"https://192.0.2.6"})",
    .errors = kZoneErrors,
    .handler = &PatchZone,
};

inline constexpr Endpoint kDeleteZone{
    .method = Method::kDelete,
    .path = "/zones/{zone_id}",
    .scope = Scope::kZoneWrite,
    .summary = "Remove a zone with its routes and custom domains",
    .errors = kZoneErrors,
    .handler = &DeleteZone,
};

}  // namespace caravel::api
