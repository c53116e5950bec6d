#pragma once

#include <v8.h>

#include <atomic>
#include <cstddef>

namespace caravel::runtime {

// Allocates the contents of ArrayBuffers and counts them against the isolate's
// limit: beyond it an allocation fails, which JS sees as a RangeError. Buffers
// may be freed on another thread and after the isolate, so it is shared by
// them.
//
// What the isolate's work holds outside of V8 (copies of what is to be sent,
// log lines) counts against the same limit.
//
// Threads: any, where not said otherwise.
class MemoryAccount final : public v8::ArrayBuffer::Allocator {
 public:
  explicit MemoryAccount(size_t limit) : limit_(limit) {}

  void* Allocate(size_t length) override;
  void* AllocateUninitialized(size_t length) override;
  void Free(void* data, size_t length) override;

  // By the thread that is in the isolate.
  void SetOutside(size_t bytes) {
    outside_.store(bytes, std::memory_order_relaxed);
  }
  // False, and nothing is counted, when `bytes` more would exceed the limit.
  [[nodiscard]] bool AddOutside(size_t bytes);

  // Bytes of buffers.
  size_t used() const { return used_.load(std::memory_order_relaxed); }
  // Only before the isolate is given to a Worker.
  void set_limit(size_t limit) { limit_ = limit; }

 private:
  bool Reserve(size_t length);

  std::atomic<size_t> used_{0};
  std::atomic<size_t> outside_{0};
  size_t limit_;
};

}  // namespace caravel::runtime
