#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace caravel::runtime {

// Randomness from the kernel, fetched ahead: a system call costs more than a
// UUID is worth. Bytes are wiped as they are given out, so that what was given
// cannot be read again from memory. One belongs to each isolate.
//
// Threads: one at a time. Not to be used on both sides of a fork.
class RandomPool {
 public:
  RandomPool() = default;
  RandomPool(const RandomPool&) = delete;
  RandomPool& operator=(const RandomPool&) = delete;

  void Fill(std::span<char> out);

 private:
  std::string ahead_;  // empty until the first small request
  size_t used_ = 0;    // bytes of ahead_ that were given out
};

}  // namespace caravel::runtime
