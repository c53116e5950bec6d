#include "net/byte_shares.h"

namespace caravel::net {

bool ByteShares::Books::TryTake(const std::string& owner, size_t bytes) {
  const base::MutexLock lock(mutex_);
  if (bytes > free_) return false;
  const auto known = held_.find(owner);
  const size_t held = known == held_.end() ? 0 : known->second;
  if (held > 0 && held + bytes > free_ - bytes) return false;
  free_ -= bytes;
  if (bytes > 0) held_[owner] += bytes;
  return true;
}

void ByteShares::Books::Release(const std::string& owner, size_t bytes) {
  if (bytes == 0) return;  // nobody holds nothing
  const base::MutexLock lock(mutex_);
  free_ += bytes;
  const auto known = held_.find(owner);
  known->second -= bytes;
  if (known->second == 0) held_.erase(known);
}

size_t ByteShares::Books::free() const {
  const base::MutexLock lock(mutex_);
  return free_;
}

ByteShares::Hold ByteShares::TryHold(const std::string& owner, size_t bytes) {
  if (!books_->TryTake(owner, bytes)) return nullptr;
  return {books_.get(), [books = books_, owner, bytes](const void*) {
            books->Release(owner, bytes);
          }};
}

}  // namespace caravel::net
