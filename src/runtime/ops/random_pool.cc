#include "runtime/ops/random_pool.h"

#include <strings.h>

#include <algorithm>

#include "base/random.h"

namespace caravel::runtime {
namespace {

constexpr size_t kAhead = 2048;
// Beyond this the system call is the smaller part.
constexpr size_t kLargest = 256;

}  // namespace

void RandomPool::Fill(std::span<char> out) {
  if (out.size() > kLargest) {
    base::FillRandom(out.data(), out.size());
    return;
  }
  if (ahead_.size() - used_ < out.size()) {
    ahead_.resize(kAhead);
    base::FillRandom(ahead_.data(), ahead_.size());
    used_ = 0;
  }
  char* given = ahead_.data() + used_;
  std::copy_n(given, out.size(), out.data());
  ::explicit_bzero(given, out.size());
  used_ += out.size();
}

}  // namespace caravel::runtime
