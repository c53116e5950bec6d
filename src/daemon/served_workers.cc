#include "daemon/served_workers.h"

#include <algorithm>
#include <utility>

namespace caravel::daemon {
namespace {

bool HasVersion(const ServedWorkers::Held& held,
                const registry::VersionId& version) {
  return !held.worker.versions.empty() &&
         held.worker.versions.front().id == version;
}

}  // namespace

registry::Sequence ServedWorkers::Serve(Held held) {
  const base::MutexLock lock(mutex_);
  Served& served = workers_[held.worker.id];
  if (served.sequence.value > 0) served.before = std::move(served.current);
  served.current = std::move(held);
  ++sequence_.value;
  served.sequence = sequence_;
  return sequence_;
}

bool ServedWorkers::Serves(const registry::WorkerId& worker,
                           const registry::VersionId& version) {
  const base::MutexLock lock(mutex_);
  const auto found = workers_.find(worker);
  return found != workers_.end() && HasVersion(found->second.current, version);
}

void ServedWorkers::SetCodeCache(const registry::WorkerId& worker,
                                 base::Fd code_cache) {
  const base::MutexLock lock(mutex_);
  const auto found = workers_.find(worker);
  if (found == workers_.end()) return;
  found->second.current.code_cache = std::move(code_cache);
}

Result<registry::Snapshot> ServedWorkers::Load() {
  const base::MutexLock lock(mutex_);
  registry::Snapshot snapshot{.sequence = sequence_, .workers = {}};
  for (const auto& [id, served] : workers_) {
    snapshot.workers.push_back(served.current.worker);
  }
  return snapshot;
}

Result<std::vector<registry::Change>> ServedWorkers::After(
    registry::Sequence after) {
  const base::MutexLock lock(mutex_);
  std::vector<registry::Change> changes;
  for (const auto& [id, served] : workers_) {
    if (after < served.sequence) {
      changes.push_back({served.sequence, id, served.current.worker});
    }
  }
  std::ranges::sort(changes, {}, &registry::Change::sequence);
  return changes;
}

const ServedWorkers::Held* ServedWorkers::Find(
    const registry::VersionId& version) const {
  for (const auto& [id, served] : workers_) {
    if (HasVersion(served.current, version)) return &served.current;
    if (served.before && HasVersion(*served.before, version)) {
      return &*served.before;
    }
  }
  return nullptr;
}

Result<OpenedBundle> ServedWorkers::Open(const registry::Version& version) {
  const base::MutexLock lock(mutex_);
  const Held* held = Find(version.id);
  if (held == nullptr) {
    return Error(ErrorCode::kNotFound,
                 fmt::format("version {} is not served", version.id.value));
  }
  OpenedBundle opened;
  CARAVEL_TRY(opened.bundle, held->bundle.Duplicate());
  if (held->code_cache.valid()) {
    CARAVEL_TRY(opened.code_cache, held->code_cache.Duplicate());
  }
  return opened;
}

}  // namespace caravel::daemon
