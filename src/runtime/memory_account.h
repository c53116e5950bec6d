#pragma once

#include <v8.h>

#include <atomic>
#include <cstddef>

namespace caravel::runtime {

// Allocates the contents of ArrayBuffers and counts them against the isolate's
// limit: beyond it an allocation fails, which JS sees as a RangeError; a small
// one succeeds and is counted. Buffers
// may be freed on another thread and after the isolate, so it is shared by
// them.
//
// Copies of what is to be sent have a room of their own, as large: clients and
// origins that take nothing leave the code all memory to compute with, and
// answers that need not wait for anybody find room whatever waits.
//
// Threads: any, where not said otherwise.
class MemoryAccount final : public v8::ArrayBuffer::Allocator {
 public:
  explicit MemoryAccount(size_t limit) : limit_(limit) {}

  void* Allocate(size_t length) override;
  void* AllocateUninitialized(size_t length) override;
  void Free(void* data, size_t length) override;

  // For native code beside buffers of V8: nullptr beyond the limit.
  void* AllocateForNative(size_t length);

  // For a library that ends the process when an allocation fails: counted, and
  // given beyond the limit too. Whoever uses it looks at exceeded() after each
  // call of the library and gives back what it has when that is so.
  void* AllocateBeyond(size_t length);
  bool exceeded() const { return used() > limit_; }

  // ---- copies, by the thread that is in the isolate ----
  // A turn begins, and `waiting` bytes of former ones were not taken yet.
  void BeginTurn(size_t waiting);
  // Counts `bytes` that leave with the turn, and may have to wait. False, and
  // nothing is counted, when they and what waits would exceed the limit.
  [[nodiscard]] bool AddWaiting(size_t bytes);
  // The same of what is sent at once: only the turn's count.
  [[nodiscard]] bool AddPassing(size_t bytes);

  // Counts what native objects hold for JS beside buffers. False, and nothing
  // is counted, beyond the limit.
  [[nodiscard]] bool Reserve(size_t length);
  void Release(size_t length);

  // Whether what V8 was refused last is one buffer larger than the limit, which
  // no memory that is let go makes room for; asked for once more, it is
  // forgotten. By the thread that is in the isolate.
  bool AnnouncesRefusal();

  // How often memory was refused.
  size_t refusals() const { return refusals_.load(std::memory_order_relaxed); }

  // Bytes of buffers and of what is reserved.
  size_t used() const { return used_.load(std::memory_order_relaxed); }
  // Only before the isolate is given to a Worker.
  void set_limit(size_t limit) { limit_ = limit; }

 private:
  static constexpr size_t kSmall = 64;

  // Of a buffer that V8 asks for, collects for, and asks for again.
  enum class Asked { kNothing, kTooMuch, kTooMuchAndAnnounced };
  // Notes what comes of it.
  [[nodiscard]] bool ReserveForV8(size_t length);
  // What is counted already; where there is none, it no longer is.
  void* AllocateReserved(size_t length);

  std::atomic<size_t> used_{0};
  std::atomic<size_t> refusals_{0};
  Asked asked_ = Asked::kNothing;
  size_t waiting_ = 0;
  size_t passing_ = 0;
  size_t limit_;
};

}  // namespace caravel::runtime
