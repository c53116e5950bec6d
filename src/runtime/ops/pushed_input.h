#pragma once

#include <cstring>
#include <string_view>

#include "runtime/memory_account.h"

namespace caravel::runtime {

// A copy of what JS has pushed and native code has not used up yet, in memory
// that counts. The account outlives it.
class PushedInput {
 public:
  explicit PushedInput(MemoryAccount& account) : account_(account) {}
  PushedInput(const PushedInput&) = delete;
  PushedInput& operator=(const PushedInput&) = delete;
  ~PushedInput() { Drop(); }

  // Nothing is left to be used.
  bool empty() const { return bytes_ == nullptr; }
  std::string_view rest() const { return {bytes_ + used_, size_ - used_}; }

  // False when there is no memory. Requires: it is empty, `bytes` are not.
  [[nodiscard]] bool Set(std::string_view bytes) {
    bytes_ = static_cast<char*>(account_.AllocateForNative(bytes.size()));
    if (bytes_ == nullptr) return false;
    size_ = bytes.size();
    std::memcpy(bytes_, bytes.data(), size_);
    return true;
  }
  // The first of the rest were used.
  void Use(size_t count) {
    used_ += count;
    if (used_ == size_) Drop();
  }
  void Drop() {
    if (bytes_ != nullptr) account_.Free(bytes_, size_);
    bytes_ = nullptr;
    size_ = 0;
    used_ = 0;
  }

 private:
  MemoryAccount& account_;
  char* bytes_ = nullptr;
  size_t size_ = 0;
  size_t used_ = 0;
};

}  // namespace caravel::runtime
