#include "host/kv_holds.h"

namespace caravel::host {

bool KvHolds::Accounts::TryTake(const std::string& account, size_t bytes) {
  const base::MutexLock lock(mutex_);
  if (bytes > free_) return false;
  const auto known = held_.find(account);
  const size_t held = known == held_.end() ? 0 : known->second;
  if (held > free_ - bytes) return false;
  free_ -= bytes;
  held_[account] += bytes;
  return true;
}

void KvHolds::Accounts::Release(const std::string& account, size_t bytes) {
  const base::MutexLock lock(mutex_);
  free_ += bytes;
  const auto known = held_.find(account);
  known->second -= bytes;
  if (known->second == 0) held_.erase(known);
}

KvHolds::Hold KvHolds::TryHold(const std::string& account,
                               const Counter& isolate, size_t bytes) {
  if (isolate->fetch_add(bytes) + bytes > limits_.isolate ||
      !accounts_->TryTake(account, bytes)) {
    isolate->fetch_sub(bytes);
    return nullptr;
  }
  return {isolate.get(),
          [accounts = accounts_, account, isolate, bytes](const void*) {
            isolate->fetch_sub(bytes);
            accounts->Release(account, bytes);
          }};
}

}  // namespace caravel::host
