#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/lifetime.h"
#include "registry/published.h"

namespace caravel::daemon {

// What is published at the moment, and the changes that led here, as far as
// they are remembered: from this hosts are brought up to date.
//
// A value type for one thread.
class PublishedState {
 public:
  // Changes that are remembered: a host that is further behind gets a snapshot.
  static constexpr size_t kRemembered = 1000;

  void Load(registry::Snapshot snapshot);
  // A change that is not behind what is known has no effect.
  void Apply(registry::Change change);

  registry::Sequence sequence() const { return sequence_; }
  registry::Snapshot ToSnapshot() const;

  // Changes behind `after`, oldest first; nothing when they are not all
  // remembered.
  std::optional<std::vector<registry::Change>> ChangesAfter(
      registry::Sequence after) const;

  const std::map<registry::WorkerId, registry::PublishedWorker>& workers() const
      CARAVEL_LIFETIME_BOUND {
    return workers_;
  }

  const std::map<registry::ZoneId, registry::PublishedZone>& zones() const
      CARAVEL_LIFETIME_BOUND {
    return zones_;
  }

  // The version if hosts may ask for it as that Worker's: one that is
  // published, or was until the Worker's last change, for a host may not have
  // applied that yet. nullptr else. Valid until the next change.
  const registry::Version* FindGranted(const registry::WorkerId& worker,
                                       const registry::VersionId& version) const
      CARAVEL_LIFETIME_BOUND;

  // Whether hosts may ask on behalf of the Worker: as above.
  bool IsGranted(const registry::WorkerId& worker) const {
    return workers_.contains(worker) || before_.contains(worker);
  }

  // Whose the Worker is that hosts may ask for; empty: they may not.
  registry::AccountId AccountOf(const registry::WorkerId& worker) const;

  // The Worker that has the published version; nullptr: none. Valid until the
  // next change. Looks at every Worker.
  const registry::PublishedWorker* FindWorkerOf(
      const registry::VersionId& version) const CARAVEL_LIFETIME_BOUND;

  // nullptr: there is none of that id. Valid until the next change.
  const registry::PublishedZone* FindZone(const registry::ZoneId& zone) const
      CARAVEL_LIFETIME_BOUND;

  // The Worker's name; its id where it is not published.
  std::string NameOf(const registry::WorkerId& worker) const;

 private:
  registry::Sequence sequence_;
  registry::Sequence forgotten_;  // changes up to here are not remembered
  std::map<registry::WorkerId, registry::PublishedWorker> workers_;
  std::map<registry::WorkerId, registry::PublishedWorker> before_;
  std::map<registry::ZoneId, registry::PublishedZone> zones_;
  std::deque<registry::Change> changes_;
};

}  // namespace caravel::daemon
