#pragma once

#include <utility>

#include "base/result.h"

namespace caravel::base {

// Owns one file descriptor, closed on destruction. Moves only.
class Fd {
 public:
  Fd() = default;
  // Takes ownership of `fd`; a negative number is "none".
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      Reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  ~Fd() { Reset(); }

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }

  // Gives ownership away.
  [[nodiscard]] int Release() { return std::exchange(fd_, -1); }
  void Reset();

  // A second descriptor for the same open file, close-on-exec.
  Result<Fd> Duplicate() const;

 private:
  int fd_ = -1;
};

// An anonymous file in memory that holds `content` and can no longer change
// (sealed against writing, growing, shrinking). `name` shows in /proc.
Result<Fd> SealedMemoryFile(const char* name, std::string_view content);

// All bytes of `fd` from its start, at most `limit`; longer is kLimit.
Result<std::string> ReadWholeFile(const Fd& fd, size_t limit);

}  // namespace caravel::base
