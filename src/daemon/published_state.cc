#include "daemon/published_state.h"

namespace caravel::daemon {
namespace {

const registry::Version* FindVersionIn(
    const std::map<registry::WorkerId, registry::PublishedWorker>& workers,
    const registry::WorkerId& worker, const registry::VersionId& version) {
  const auto found = workers.find(worker);
  if (found == workers.end()) return nullptr;
  for (const registry::Version& each : found->second.versions) {
    if (each.id == version) return &each;
  }
  for (const registry::PublishedPreview& each : found->second.previews) {
    if (each.version.id == version) return &each.version;
  }
  return nullptr;
}

}  // namespace

void PublishedState::Load(registry::Snapshot snapshot) {
  sequence_ = snapshot.sequence;
  forgotten_ = snapshot.sequence;
  changes_.clear();
  before_ = std::move(workers_);
  workers_.clear();
  for (registry::PublishedWorker& worker : snapshot.workers) {
    registry::WorkerId id = worker.id;
    workers_.insert_or_assign(std::move(id), std::move(worker));
  }
  zones_.clear();
  for (registry::PublishedZone& zone : snapshot.zones) {
    registry::ZoneId id = zone.id;
    zones_.insert_or_assign(std::move(id), std::move(zone));
  }
}

void PublishedState::Apply(registry::Change change) {
  if (change.sequence <= sequence_) return;
  sequence_ = change.sequence;
  if (!change.zone.value.empty()) {
    zones_.erase(change.zone);
    if (change.zone_now) zones_.emplace(change.zone, *change.zone_now);
  } else {
    if (auto old = workers_.extract(change.worker)) {
      before_.insert_or_assign(change.worker, std::move(old.mapped()));
    }
    if (change.now) workers_.insert_or_assign(change.worker, *change.now);
  }
  changes_.push_back(std::move(change));
  while (changes_.size() > kRemembered) {
    forgotten_ = changes_.front().sequence;
    changes_.pop_front();
  }
}

registry::Snapshot PublishedState::ToSnapshot() const {
  registry::Snapshot snapshot;
  snapshot.sequence = sequence_;
  snapshot.workers.reserve(workers_.size());
  for (const auto& [id, worker] : workers_) snapshot.workers.push_back(worker);
  for (const auto& [id, zone] : zones_) snapshot.zones.push_back(zone);
  return snapshot;
}

std::optional<std::vector<registry::Change>> PublishedState::ChangesAfter(
    registry::Sequence after) const {
  if (after < forgotten_ || after > sequence_) return std::nullopt;
  std::vector<registry::Change> behind;
  for (const registry::Change& change : changes_) {
    if (change.sequence > after) behind.push_back(change);
  }
  return behind;
}

const registry::Version* PublishedState::FindGranted(
    const registry::WorkerId& worker,
    const registry::VersionId& version) const {
  const registry::Version* now = FindVersionIn(workers_, worker, version);
  return now != nullptr ? now : FindVersionIn(before_, worker, version);
}

const registry::PublishedWorker* PublishedState::FindWorkerOf(
    const registry::VersionId& version) const {
  for (const auto& [id, worker] : workers_) {
    if (FindVersionIn(workers_, id, version) != nullptr) return &worker;
  }
  return nullptr;
}

const registry::PublishedZone* PublishedState::FindZone(
    const registry::ZoneId& zone) const {
  const auto found = zones_.find(zone);
  return found == zones_.end() ? nullptr : &found->second;
}

registry::AccountId PublishedState::AccountOf(
    const registry::WorkerId& worker) const {
  for (const auto* workers : {&workers_, &before_}) {
    const auto found = workers->find(worker);
    if (found != workers->end()) return found->second.account;
  }
  return {};
}

std::string PublishedState::NameOf(const registry::WorkerId& worker) const {
  for (const auto* workers : {&workers_, &before_}) {
    const auto found = workers->find(worker);
    if (found != workers->end()) return found->second.name;
  }
  return worker.value;
}

}  // namespace caravel::daemon
