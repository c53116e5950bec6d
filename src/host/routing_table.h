#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/lifetime.h"
#include "host/zone.h"
#include "registry/published.h"

namespace caravel::host {

// Who answers a request.
struct Routed {
  // nullptr: no Worker, so the zone's origin where there is a zone.
  const registry::PublishedWorker* worker = nullptr;
  // The version that the host names; nullptr: one of those deployed.
  const registry::Version* version = nullptr;
  // Whose route the request took, or whose host it names beside all routes;
  // nullptr: a Worker's own host name, or nobody's.
  ZonePtr zone = nullptr;
};

// Which Worker answers a request, which of its versions, and what zones there
// are. Immutable: each change makes the next table, which shares what has not
// changed. Any thread may read.
class RoutingTable {
 public:
  using WorkerPtr = std::shared_ptr<const registry::PublishedWorker>;

  RoutingTable() = default;
  explicit RoutingTable(registry::Snapshot snapshot,
                        std::vector<registry::VersionId> held = {});

  // The table after `change`. Requires: change.sequence is above sequence().
  std::shared_ptr<const RoutingTable> With(
      const registry::Change& change) const;

  // The table that holds back `versions`, and no others.
  std::shared_ptr<const RoutingTable> Holding(
      std::vector<registry::VersionId> versions) const;

  // The table whose Workers `workers`, and no others, tell all events.
  std::shared_ptr<const RoutingTable> Tailing(
      std::vector<registry::WorkerId> workers) const;

  registry::Sequence sequence() const { return sequence_; }

  const std::vector<registry::VersionId>& held() const CARAVEL_LIFETIME_BOUND {
    return held_;
  }
  bool IsHeld(const registry::VersionId& version) const {
    return !held_.empty() && std::ranges::find(held_, version) != held_.end();
  }

  // The Workers that tell all events: those that are followed, and those whose
  // log keeps every invocation.
  const std::vector<registry::WorkerId>& tailed() const CARAVEL_LIFETIME_BOUND {
    return tailed_->workers;
  }
  bool IsTailed(const registry::WorkerId& worker) const {
    return !tailed_->ids.empty() && tailed_->ids.contains(worker.value);
  }
  // The table that has the same ones as `other`.
  std::shared_ptr<const RoutingTable> TailingAs(
      const RoutingTable& other) const;

  // Of `authority`, a host with or without port in any case, and `target`, path
  // and query. In this order: the Worker that has the host name, or a preview
  // of it; the zone's routes; the Worker that has the host as a custom domain;
  // the zone's origin; the Worker that answers under "*", any name.
  Routed Find(std::string_view scheme, std::string_view authority,
              std::string_view target) const CARAVEL_LIFETIME_BOUND;

  // Who answers where no route counts, for what a Worker of the host's zone
  // sends there: the custom domain, or the origin of the zone. Nothing, where
  // the host lies in no zone on which the Worker runs.
  std::optional<Routed> FindBehindRoutes(const registry::WorkerId& worker,
                                         std::string_view authority) const
      CARAVEL_LIFETIME_BOUND;

  // The Worker of that name in the account; nullptr when there is none.
  const registry::PublishedWorker* FindByName(
      const registry::AccountId& account,
      std::string_view name) const CARAVEL_LIFETIME_BOUND;

  // nullptr when there is none.
  const registry::PublishedWorker* FindById(const registry::WorkerId& id) const
      CARAVEL_LIFETIME_BOUND;

  // The zone of that id, or nullptr.
  ZonePtr FindZone(const registry::ZoneId& id) const;
  // The account's zone in which the host lies, with or without port; nullptr:
  // it lies in none.
  ZonePtr FindZone(const registry::AccountId& account,
                   std::string_view authority) const;

  bool has_workers() const { return !workers_.empty(); }

  // Whether traffic may still go to that version.
  bool IsPublished(const registry::WorkerId& worker,
                   const registry::VersionId& version) const;

 private:
  using ByHost = std::unordered_map<std::string, WorkerPtr>;

  void Add(WorkerPtr worker);
  void Remove(const registry::WorkerId& worker);
  void Add(ZonePtr zone);
  void Remove(const registry::ZoneId& zone);
  // Of the longest name that `host` lies in.
  ZonePtr ZoneOf(std::string_view host) const;
  const registry::PublishedWorker* WorkerOf(const ByHost& names,
                                            const std::string& host) const;

  registry::Sequence sequence_;
  std::unordered_map<std::string, WorkerPtr> workers_;  // by id
  ByHost hosts_;
  ByHost domains_;  // custom ones
  struct Preview {
    WorkerPtr worker;
    const registry::Version* version;  // of `worker`
  };
  std::unordered_map<std::string, Preview> previews_;  // by host
  std::unordered_map<std::string, WorkerPtr> names_;   // by account and name
  std::unordered_map<std::string, ZonePtr> zones_;     // by name
  std::unordered_map<std::string, std::string> zone_names_;  // by id
  std::vector<registry::VersionId> held_;  // few, and mostly none
  struct TailedWorkers {
    std::vector<registry::WorkerId> workers;
    std::unordered_set<std::string> ids;  // of the same
  };
  // Shared, as there may be very many.
  std::shared_ptr<const TailedWorkers> tailed_ =
      std::make_shared<TailedWorkers>();
};

}  // namespace caravel::host
