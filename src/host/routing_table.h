#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/lifetime.h"
#include "registry/published.h"

namespace caravel::host {

// Which Worker answers for a host name, and which of its versions. Immutable:
// each change makes the next table, which shares what has not changed. Any
// thread may read.
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

  const std::vector<registry::WorkerId>& tailed() const CARAVEL_LIFETIME_BOUND {
    return tailed_;
  }
  bool IsTailed(const registry::WorkerId& worker) const {
    return !tailed_.empty() &&
           std::ranges::find(tailed_, worker) != tailed_.end();
  }

  // The Worker for `authority`, a host with or without port in any case; else
  // the one that answers under "*", any name; nullptr when there is none.
  const registry::PublishedWorker* FindWorker(std::string_view authority) const
      CARAVEL_LIFETIME_BOUND;

  // The Worker of that name in the account; nullptr when there is none.
  const registry::PublishedWorker* FindByName(
      const registry::AccountId& account,
      std::string_view name) const CARAVEL_LIFETIME_BOUND;

  // nullptr when there is none.
  const registry::PublishedWorker* FindById(const registry::WorkerId& id) const
      CARAVEL_LIFETIME_BOUND;

  // All host names, sorted, at most `limit`: for the page that says which
  // exist.
  std::vector<std::string> Hosts(size_t limit) const;

  // Whether traffic may still go to that version.
  bool IsPublished(const registry::WorkerId& worker,
                   const registry::VersionId& version) const;

 private:
  void Add(WorkerPtr worker);

  registry::Sequence sequence_;
  std::unordered_map<std::string, WorkerPtr> workers_;  // by id
  std::unordered_map<std::string, WorkerPtr> hosts_;
  std::unordered_map<std::string, WorkerPtr> names_;  // by account and name
  std::vector<registry::VersionId> held_;             // few, and mostly none
  std::vector<registry::WorkerId> tailed_;            // the same
};

}  // namespace caravel::host
