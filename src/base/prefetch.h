#pragma once

#include <cstddef>

namespace caravel::base {

// Asks the processor for the memory of an object that is used shortly, and goes
// on. A hint alone: the memory need not even exist. Any thread may call.
inline void Prefetch(const void* object, size_t bytes) {
  constexpr size_t kCacheLine = 64;
  const auto* begin = static_cast<const char*>(object);
  for (size_t at = 0; at < bytes; at += kCacheLine) {
    __builtin_prefetch(begin + at, /*rw=*/1);
  }
}

}  // namespace caravel::base
