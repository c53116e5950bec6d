#include "registry/zone_table.h"

#include "registry/account_table.h"

namespace caravel::registry {
namespace {

using storage::SqlRow;
using storage::Transaction;

constexpr storage::Migration kZoneMigrations[] = {
    {.name = "zones", .sql = R"(
CREATE TABLE zones (
  id TEXT PRIMARY KEY NOT NULL,
  account TEXT NOT NULL REFERENCES accounts (id),
  name TEXT NOT NULL UNIQUE,
  origin TEXT NOT NULL,
  trusted INTEGER NOT NULL,
  created INTEGER NOT NULL
);
CREATE TABLE routes (
  id TEXT PRIMARY KEY NOT NULL,
  zone TEXT NOT NULL REFERENCES zones (id) ON DELETE CASCADE,
  pattern TEXT NOT NULL,
  canonical TEXT NOT NULL UNIQUE,
  worker TEXT REFERENCES workers (id) ON DELETE CASCADE
);
CREATE INDEX routes_by_zone ON routes (zone);
CREATE INDEX routes_by_worker ON routes (worker);
CREATE TABLE domains (
  id TEXT PRIMARY KEY NOT NULL,
  zone TEXT NOT NULL REFERENCES zones (id) ON DELETE CASCADE,
  hostname TEXT NOT NULL UNIQUE,
  worker TEXT NOT NULL REFERENCES workers (id) ON DELETE CASCADE
);
CREATE INDEX domains_by_zone ON domains (zone);
CREATE INDEX domains_by_worker ON domains (worker)
)"},
};

std::vector<Zone> ZonesFromRows(const std::vector<SqlRow>& rows) {
  std::vector<Zone> zones;
  for (const SqlRow& row : rows) {
    zones.push_back({.id = {row.Text(0)},
                     .account = {row.Text(1)},
                     .name = row.Text(2),
                     .origin = row.Text(3),
                     .trusted = row.Flag(4),
                     .created = FromMillis(row.Integer(5))});
  }
  return zones;
}

// A route without a Worker has empty texts of one.
#define CARAVEL_SELECT_ROUTES                                     \
  "SELECT routes.id, zone, pattern, COALESCE(workers.name, ''), " \
  "COALESCE(worker, '') FROM routes LEFT JOIN workers ON workers.id = worker "

std::vector<StoredRoute> RoutesFromRows(const std::vector<SqlRow>& rows) {
  std::vector<StoredRoute> routes;
  for (const SqlRow& row : rows) {
    StoredRoute stored{.route = {.id = {row.Text(0)},
                                 .zone = {row.Text(1)},
                                 .pattern = row.Text(2),
                                 .worker = row.Text(3)},
                       .worker = std::nullopt};
    if (std::string worker = row.Text(4); !worker.empty()) {
      stored.worker = WorkerId{std::move(worker)};
    }
    routes.push_back(std::move(stored));
  }
  return routes;
}

#define CARAVEL_SELECT_DOMAINS                                            \
  "SELECT domains.id, domains.zone, zones.name, hostname, workers.name, " \
  "domains.worker, zones.account FROM domains "                           \
  "JOIN workers ON workers.id = domains.worker "                          \
  "JOIN zones ON zones.id = domains.zone "

std::vector<StoredDomain> DomainsFromRows(const std::vector<SqlRow>& rows) {
  std::vector<StoredDomain> domains;
  for (const SqlRow& row : rows) {
    domains.push_back({.domain = {.id = {row.Text(0)},
                                  .zone = {row.Text(1)},
                                  .zone_name = row.Text(2),
                                  .hostname = row.Text(3),
                                  .worker = row.Text(4)},
                       .worker = {row.Text(5)},
                       .account = {row.Text(6)}});
  }
  return domains;
}

template <typename T>
std::optional<T> First(std::vector<T> found) {
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

}  // namespace

std::span<const storage::Migration> ZoneMigrations() { return kZoneMigrations; }

// ---- zones ----

Result<std::optional<Zone>> ReadZone(Transaction& transaction,
                                     const ZoneId& id) {
  CARAVEL_TRY(const auto rows,
              transaction.Query("SELECT id, account, name, origin, trusted, "
                                "created FROM zones WHERE id = ?",
                                id.value));
  return First(ZonesFromRows(rows));
}

Result<std::vector<Zone>> ReadZones(Transaction& transaction,
                                    const std::optional<AccountId>& account) {
  if (!account) {
    CARAVEL_TRY(const auto rows,
                transaction.Query("SELECT id, account, name, origin, trusted, "
                                  "created FROM zones ORDER BY name"));
    return ZonesFromRows(rows);
  }
  CARAVEL_TRY(const auto rows,
              transaction.Query("SELECT id, account, name, origin, trusted, "
                                "created FROM zones WHERE account = ? "
                                "ORDER BY name",
                                account->value));
  return ZonesFromRows(rows);
}

Status InsertZone(Transaction& transaction, const Zone& zone) {
  CARAVEL_TRY(transaction.Execute(
      "INSERT INTO zones (id, account, name, origin, trusted, created) "
      "VALUES (?, ?, ?, ?, ?, ?)",
      zone.id.value, zone.account.value, zone.name, zone.origin, zone.trusted,
      ToMillis(zone.created)));
  return {};
}

Status UpdateZoneOrigin(Transaction& transaction, const Zone& zone) {
  CARAVEL_TRY(transaction.Execute(
      "UPDATE zones SET origin = ?, trusted = ? WHERE id = ?", zone.origin,
      zone.trusted, zone.id.value));
  return {};
}

Status DeleteZoneRow(Transaction& transaction, const ZoneId& id) {
  CARAVEL_TRY(transaction.Execute("DELETE FROM zones WHERE id = ?", id.value));
  return {};
}

// ---- routes ----

Result<std::vector<StoredRoute>> ReadZoneRoutes(Transaction& transaction,
                                                const ZoneId& zone) {
  CARAVEL_TRY(const auto rows,
              transaction.Query(CARAVEL_SELECT_ROUTES
                                "WHERE zone = ? ORDER BY canonical",
                                zone.value));
  return RoutesFromRows(rows);
}

Result<std::vector<StoredRoute>> ReadWorkerRoutes(Transaction& transaction,
                                                  const WorkerId& worker) {
  CARAVEL_TRY(const auto rows,
              transaction.Query(CARAVEL_SELECT_ROUTES
                                "WHERE worker = ? ORDER BY canonical",
                                worker.value));
  return RoutesFromRows(rows);
}

Result<std::optional<StoredRoute>> ReadRouteLike(Transaction& transaction,
                                                 std::string_view canonical) {
  CARAVEL_TRY(const auto rows,
              transaction.Query(CARAVEL_SELECT_ROUTES "WHERE canonical = ?",
                                canonical));
  return First(RoutesFromRows(rows));
}

Status InsertRoute(Transaction& transaction, const StoredRoute& stored,
                   std::string_view canonical) {
  CARAVEL_TRY(transaction.Execute(
      "INSERT INTO routes (id, zone, pattern, canonical, worker) "
      "VALUES (?, ?, ?, ?, NULLIF(?, ''))",
      stored.route.id.value, stored.route.zone.value, stored.route.pattern,
      canonical, stored.worker.value_or(WorkerId()).value));
  return {};
}

Status UpdateRoute(Transaction& transaction, const StoredRoute& stored,
                   std::string_view canonical) {
  CARAVEL_TRY(transaction.Execute(
      "UPDATE routes SET pattern = ?, canonical = ?, worker = NULLIF(?, '') "
      "WHERE id = ?",
      stored.route.pattern, canonical, stored.worker.value_or(WorkerId()).value,
      stored.route.id.value));
  return {};
}

Status DeleteRouteRow(Transaction& transaction, const RouteId& id) {
  CARAVEL_TRY(transaction.Execute("DELETE FROM routes WHERE id = ?", id.value));
  return {};
}

// ---- custom domains ----

Result<std::vector<StoredDomain>> ReadAccountDomains(Transaction& transaction,
                                                     const AccountId& account) {
  CARAVEL_TRY(const auto rows,
              transaction.Query(CARAVEL_SELECT_DOMAINS
                                "WHERE zones.account = ? ORDER BY hostname",
                                account.value));
  return DomainsFromRows(rows);
}

Result<std::optional<StoredDomain>> ReadDomain(Transaction& transaction,
                                               std::string_view hostname) {
  CARAVEL_TRY(
      const auto rows,
      transaction.Query(CARAVEL_SELECT_DOMAINS "WHERE hostname = ?", hostname));
  return First(DomainsFromRows(rows));
}

Result<std::vector<std::string>> ReadWorkerDomains(Transaction& transaction,
                                                   const WorkerId& worker) {
  CARAVEL_TRY(const auto rows,
              transaction.Query("SELECT hostname FROM domains WHERE worker = ? "
                                "ORDER BY hostname",
                                worker.value));
  std::vector<std::string> names;
  for (const SqlRow& row : rows) names.push_back(row.Text(0));
  return names;
}

Status PutDomainRow(Transaction& transaction, const StoredDomain& stored) {
  CARAVEL_TRY(transaction.Execute(
      "INSERT INTO domains (id, zone, hostname, worker) VALUES (?, ?, ?, ?) "
      "ON CONFLICT (hostname) DO UPDATE SET worker = excluded.worker",
      stored.domain.id.value, stored.domain.zone.value, stored.domain.hostname,
      stored.worker.value));
  return {};
}

Status DeleteDomainRow(Transaction& transaction, const DomainId& id) {
  CARAVEL_TRY(
      transaction.Execute("DELETE FROM domains WHERE id = ?", id.value));
  return {};
}

#undef CARAVEL_SELECT_ROUTES
#undef CARAVEL_SELECT_DOMAINS

}  // namespace caravel::registry
