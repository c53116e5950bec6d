#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/lifetime.h"

namespace caravel::host {

// Bytes of a body that wait until the other side of an exchange has granted
// room for them. A value type.
class WaitingBytes {
 public:
  bool empty() const { return begin_ == bytes_.size(); }

  void Append(std::string bytes) {
    if (empty()) {
      bytes_ = std::move(bytes);
      begin_ = 0;
    } else {
      // What was taken goes, once it is most of it: each byte moves once or so.
      if (begin_ > bytes_.size() / 2) {
        bytes_.erase(0, begin_);
        begin_ = 0;
      }
      bytes_ += bytes;
    }
  }

  // The next bytes, at most `credit`, which loses as many. Valid until the next
  // Append() or Clear().
  std::string_view Take(uint64_t& credit) CARAVEL_LIFETIME_BOUND {
    const size_t size = std::min<uint64_t>(bytes_.size() - begin_, credit);
    const std::string_view taken =
        std::string_view(bytes_).substr(begin_, size);
    begin_ += size;
    credit -= size;
    return taken;
  }

  void Clear() {
    bytes_.clear();
    begin_ = 0;
  }

 private:
  std::string bytes_;
  size_t begin_ = 0;
};

}  // namespace caravel::host
