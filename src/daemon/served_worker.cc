#include "daemon/served_worker.h"

#include <utility>

namespace caravel::daemon {
namespace {

bool HasVersion(const ServedWorker::Held& held,
                const registry::VersionId& version) {
  return !held.worker.versions.empty() &&
         held.worker.versions.front().id == version;
}

}  // namespace

registry::Sequence ServedWorker::Serve(Held held) {
  const base::MutexLock lock(mutex_);
  if (sequence_.value > 0) before_ = std::move(current_);
  current_ = std::move(held);
  ++sequence_.value;
  return sequence_;
}

bool ServedWorker::Serves(const registry::VersionId& version) {
  const base::MutexLock lock(mutex_);
  return HasVersion(current_, version);
}

void ServedWorker::SetCodeCache(base::Fd code_cache) {
  const base::MutexLock lock(mutex_);
  current_.code_cache = std::move(code_cache);
}

Result<registry::Snapshot> ServedWorker::Load() {
  const base::MutexLock lock(mutex_);
  return registry::Snapshot{sequence_, {current_.worker}};
}

Result<std::vector<registry::Change>> ServedWorker::After(
    registry::Sequence after) {
  const base::MutexLock lock(mutex_);
  std::vector<registry::Change> changes;
  if (after < sequence_) {
    changes.push_back({sequence_, current_.worker.id, current_.worker});
  }
  return changes;
}

Result<OpenedBundle> ServedWorker::Open(const registry::Version& version) {
  const base::MutexLock lock(mutex_);
  const bool is_before = before_ && HasVersion(*before_, version.id);
  const Held& held = is_before ? *before_ : current_;
  if (!HasVersion(held, version.id)) {
    return Error(ErrorCode::kNotFound,
                 fmt::format("version {} is not served", version.id.value));
  }
  OpenedBundle opened;
  CARAVEL_TRY(opened.bundle, held.bundle.Duplicate());
  if (held.code_cache.valid()) {
    CARAVEL_TRY(opened.code_cache, held.code_cache.Duplicate());
  }
  return opened;
}

}  // namespace caravel::daemon
