// Test: invocation_count_test.cc.
#include "host/invocation_count.h"

#include <utility>

namespace caravel::host {

InvocationCount::~InvocationCount() { owner_.Forget(id_); }

std::optional<InvocationPlace> InvocationPlace::Take(
    std::shared_ptr<InvocationCount> count) {
  if (count->count_.fetch_add(1, std::memory_order_relaxed) <
      InvocationCount::kMost) {
    return InvocationPlace(std::move(count));
  }
  count->count_.fetch_sub(1, std::memory_order_relaxed);
  return std::nullopt;
}

InvocationPlace InvocationPlace::Keep(std::shared_ptr<InvocationCount> count) {
  count->count_.fetch_add(1, std::memory_order_relaxed);
  return InvocationPlace(std::move(count));
}

InvocationPlace::~InvocationPlace() {
  if (count_ != nullptr) {
    count_->count_.fetch_sub(1, std::memory_order_relaxed);
  }
}

std::shared_ptr<InvocationCount> InvocationCounts::Begin() {
  const base::MutexLock lock(mutex_);
  auto count = std::make_shared<InvocationCount>(*this, ++last_);
  counts_.emplace(last_, count);
  return count;
}

std::shared_ptr<InvocationCount> InvocationCounts::Find(uint64_t id) {
  const base::MutexLock lock(mutex_);
  const auto found = counts_.find(id);
  return found == counts_.end() ? nullptr : found->second.lock();
}

size_t InvocationCounts::size() {
  const base::MutexLock lock(mutex_);
  return counts_.size();
}

void InvocationCounts::Forget(uint64_t id) {
  const base::MutexLock lock(mutex_);
  counts_.erase(id);
}

}  // namespace caravel::host
