#include "runtime/memory_account.h"

#include <cstdlib>

namespace caravel::runtime {

void MemoryAccount::BeginTurn(size_t waiting) {
  waiting_ = waiting;
  passing_ = 0;
}

bool MemoryAccount::AddWaiting(size_t bytes) {
  if (waiting_ > limit_ || bytes > limit_ - waiting_) return false;
  waiting_ += bytes;
  return true;
}

bool MemoryAccount::AddPassing(size_t bytes) {
  if (bytes > limit_ - passing_) return false;
  passing_ += bytes;
  return true;
}

bool MemoryAccount::Reserve(size_t length) {
  const size_t before = used_.fetch_add(length, std::memory_order_relaxed);
  if (before + length <= limit_ && before + length >= before) return true;
  // What V8 keeps in its heap until the buffer of a small view is asked for: it
  // ends the process when it then gets none.
  if (length <= kSmall) return true;
  used_.fetch_sub(length, std::memory_order_relaxed);
  refusals_.fetch_add(1, std::memory_order_relaxed);
  return false;
}

void MemoryAccount::Release(size_t length) {
  used_.fetch_sub(length, std::memory_order_relaxed);
}

bool MemoryAccount::ReserveForV8(size_t length) {
  if (Reserve(length)) {
    asked_ = Asked::kNothing;
    return true;
  }
  const bool last = asked_ == Asked::kTooMuchAndAnnounced;
  asked_ = length <= limit_ || last ? Asked::kNothing : Asked::kTooMuch;
  return false;
}

bool MemoryAccount::AnnouncesRefusal() {
  if (asked_ == Asked::kNothing) return false;
  asked_ = Asked::kTooMuchAndAnnounced;
  return true;
}

void* MemoryAccount::Allocate(size_t length) {
  if (!ReserveForV8(length)) return nullptr;
  void* data = std::calloc(length == 0 ? 1 : length, 1);
  if (data == nullptr) Release(length);
  return data;
}

void* MemoryAccount::AllocateUninitialized(size_t length) {
  return ReserveForV8(length) ? AllocateReserved(length) : nullptr;
}

void* MemoryAccount::AllocateForNative(size_t length) {
  return Reserve(length) ? AllocateReserved(length) : nullptr;
}

void* MemoryAccount::AllocateBeyond(size_t length) {
  used_.fetch_add(length, std::memory_order_relaxed);
  return AllocateReserved(length);
}

void* MemoryAccount::AllocateReserved(size_t length) {
  void* data = std::malloc(length == 0 ? 1 : length);
  if (data == nullptr) Release(length);
  return data;
}

void MemoryAccount::Free(void* data, size_t length) {
  std::free(data);
  Release(length);
}

}  // namespace caravel::runtime
