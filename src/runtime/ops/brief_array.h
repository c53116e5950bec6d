#pragma once

#include <array>
#include <cstddef>
#include <memory>

namespace caravel::runtime {

// Elements, uninitialized, for the length of one call: on the stack where they
// are few. A large block that is freed takes the allocator's lock, which waits
// until the processor has written all that was stored before: behind a text
// that was just encoded that takes longer than to encode it.
//
// Threads: the one that made it.
template <typename T>
class BriefArray {
 public:
  explicit BriefArray(size_t size)
      : heap_(size > kOnStack ? std::make_unique_for_overwrite<T[]>(size)
                              : nullptr) {}
  BriefArray(const BriefArray&) = delete;
  BriefArray& operator=(const BriefArray&) = delete;

  T* data() { return heap_ == nullptr ? stack_.data() : heap_.get(); }

 private:
  static constexpr size_t kOnStack = 4096 / sizeof(T);

  std::array<T, kOnStack> stack_;
  std::unique_ptr<T[]> heap_;
};

}  // namespace caravel::runtime
