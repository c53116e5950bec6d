#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace caravel::base {

// Objects that are over and wait to be used again, at most so many: what is
// made thousands of times a second then finds its memory.
//
// Threads: one at a time.
template <typename T>
class Spares {
 public:
  explicit Spares(size_t most) : most_(most) {}

  // nullptr when there is none.
  std::unique_ptr<T> Take() {
    if (spares_.empty()) return nullptr;
    std::unique_ptr<T> taken = std::move(spares_.back());
    spares_.pop_back();
    return taken;
  }
  // Destroys `object` where there are enough.
  void Return(std::unique_ptr<T> object) {
    if (spares_.size() < most_) spares_.push_back(std::move(object));
  }
  void Clear() { spares_.clear(); }

 private:
  const size_t most_;
  std::vector<std::unique_ptr<T>> spares_;
};

}  // namespace caravel::base
