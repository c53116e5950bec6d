#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "registry/model.h"
#include "registry/registry_parts.h"
#include "storage/database.h"

namespace caravel::registry {

// Zones, their routes and custom domains: the part of the registry that says
// which requests on a domain go to a Worker. Each change is published with it.
//
// An account sees its own zones only. A name that is taken by another account
// is refused without naming it.
//
// Threads: any, several at once; every call blocks on the database.
class Zones {
 public:
  static constexpr size_t kMaxRoutes = 1000;  // of one zone, and in one call
  static constexpr size_t kMaxZones = 1000;   // of one account

  // What the work of a transaction needs, as of now.
  using PartsSource = std::function<RegistryParts()>;
  // `database` outlives this.
  Zones(storage::Database& database, PartsSource parts)
      : database_(database), parts_(std::move(parts)) {}

  // ---- zones ----

  struct ZoneChanged {
    Zone zone;
    Sequence sequence;
  };
  // `origin` may be empty. `by_operator`: the operator asks, whose origin may
  // be at any address. kConflict: the name is a zone already, or lies within or
  // around one of another account. kDenied: it is the platform's own. kLimit:
  // the account has kMaxZones.
  Result<ZoneChanged> Add(const AccountId& account, std::string_view name,
                          std::string_view origin, bool by_operator);
  Result<ZoneChanged> SetOrigin(const AccountId& account, const ZoneId& zone,
                                std::string_view origin, bool by_operator);
  // Its routes and custom domains go with it.
  Result<Sequence> Remove(const AccountId& account, const ZoneId& zone);
  Result<std::vector<Zone>> List(const AccountId& account);
  Result<Zone> Get(const AccountId& account, const ZoneId& zone);
  // Whose the zone is; nothing: it does not exist.
  Result<std::optional<AccountId>> OwnerOf(const ZoneId& zone);

  // ---- routes ----

  // The zone is that of the id or name, or else the account's whose name is the
  // longest that the pattern lies in.
  struct NewRoute {
    std::string pattern;
    std::optional<std::string> zone_id = {};
    std::optional<std::string> zone_name = {};
  };
  struct RoutesChanged {
    std::vector<Route> routes;
    Sequence sequence;  // 0: nothing changed
  };
  // Makes these all the routes of the Worker. kConflict: a pattern belongs to
  // another Worker, or is there to keep Workers away.
  Result<RoutesChanged> ReplaceRoutes(const AccountId& account,
                                      std::string_view worker,
                                      const std::vector<NewRoute>& routes);
  // Adds a route, or changes that of the id; no `worker`: none runs there.
  Result<RoutesChanged> PutRoute(const AccountId& account, const ZoneId& zone,
                                 const std::optional<RouteId>& route,
                                 std::string_view pattern,
                                 const std::optional<std::string>& worker);
  Result<Sequence> RemoveRoute(const AccountId& account, const ZoneId& zone,
                               const RouteId& route);
  Result<std::vector<Route>> ListRoutes(const AccountId& account,
                                        const ZoneId& zone);
  Result<std::vector<Route>> ListRoutesOf(const AccountId& account,
                                          std::string_view worker);

  // ---- custom domains ----

  struct NewDomain {
    std::string hostname;
    std::optional<std::string> zone_id = {};
    std::optional<std::string> zone_name = {};
  };
  struct DomainsChanged {
    std::vector<CustomDomain> domains;
    Sequence sequence;  // 0: nothing changed
  };
  enum class Others : unsigned char { kKeep, kRemove };
  // Gives the Worker these host names, and with kRemove takes its others away.
  // kConflict unless `may_take`: one belongs to another Worker.
  Result<DomainsChanged> PutDomains(const AccountId& account,
                                    std::string_view worker,
                                    const std::vector<NewDomain>& domains,
                                    Others others, bool may_take);
  Result<Sequence> RemoveDomain(const AccountId& account,
                                const DomainId& domain);
  Result<std::vector<CustomDomain>> ListDomains(const AccountId& account);

 private:
  storage::Database& database_;
  const PartsSource parts_;
};

// Tells hosts that the zone has changed.
Result<Sequence> AppendZoneChange(storage::Transaction& transaction,
                                  const RegistryParts& parts,
                                  const ZoneId& zone);
Result<Sequence> AppendWorkerChange(storage::Transaction& transaction,
                                    const RegistryParts& parts,
                                    const WorkerId& worker);

// The account's zone. kNotFound, naming it.
Result<Zone> FindZone(storage::Transaction& transaction,
                      const AccountId& account, const ZoneId& id);
// The one of `zones`, which are an account's, with that id or name, else with
// the longest name that `host` lies in. kNotFound says how to add one;
// kInvalid: `host` does not lie in it.
Result<Zone> FindZoneOf(const std::vector<Zone>& zones, std::string_view host,
                        const std::optional<std::string>& id,
                        const std::optional<std::string>& name);

}  // namespace caravel::registry
