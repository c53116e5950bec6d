#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "registry/model.h"
#include "storage/database.h"
#include "storage/migrations.h"

// Rows of zones, routes and custom domains, within a transaction.
namespace caravel::registry {

// Their tables, behind those of registry/schema.h. A route or a domain goes
// with its zone and with its Worker. `canonical` is RoutePattern::ToText().
std::span<const storage::Migration> ZoneMigrations();

Result<std::optional<Zone>> ReadZone(storage::Transaction& transaction,
                                     const ZoneId& id);
// By name; of every account when `account` is nothing.
Result<std::vector<Zone>> ReadZones(storage::Transaction& transaction,
                                    const std::optional<AccountId>& account);
Status InsertZone(storage::Transaction& transaction, const Zone& zone);
Status UpdateZoneOrigin(storage::Transaction& transaction, const Zone& zone);
Status DeleteZoneRow(storage::Transaction& transaction, const ZoneId& id);

// A route with the id of its Worker, which is nothing where none runs there.
struct StoredRoute {
  Route route;
  std::optional<WorkerId> worker;
};
Result<std::vector<StoredRoute>> ReadZoneRoutes(
    storage::Transaction& transaction, const ZoneId& zone);
Result<std::vector<StoredRoute>> ReadWorkerRoutes(
    storage::Transaction& transaction, const WorkerId& worker);
Result<std::optional<StoredRoute>> ReadRouteLike(
    storage::Transaction& transaction, std::string_view canonical);
Status InsertRoute(storage::Transaction& transaction, const StoredRoute& stored,
                   std::string_view canonical);
Status UpdateRoute(storage::Transaction& transaction, const StoredRoute& stored,
                   std::string_view canonical);
Status DeleteRouteRow(storage::Transaction& transaction, const RouteId& id);

// A custom domain with the ids of its Worker and its account.
struct StoredDomain {
  CustomDomain domain;
  WorkerId worker;
  AccountId account;
};
Result<std::vector<StoredDomain>> ReadAccountDomains(
    storage::Transaction& transaction, const AccountId& account);
Result<std::optional<StoredDomain>> ReadDomain(
    storage::Transaction& transaction, std::string_view hostname);
// Host names, sorted.
Result<std::vector<std::string>> ReadWorkerDomains(
    storage::Transaction& transaction, const WorkerId& worker);
// In place of one of the same host name.
Status PutDomainRow(storage::Transaction& transaction,
                    const StoredDomain& stored);
Status DeleteDomainRow(storage::Transaction& transaction, const DomainId& id);

}  // namespace caravel::registry
