#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/lifetime.h"

namespace caravel::host {

// Bytes of a body that wait until the other side of an exchange has granted
// room for them. What they hold of memory beyond a window, which every exchange
// has, is counted in a total of their owner's: it counts against the limit of
// the isolate that they come from.
class WaitingBytes {
 public:
  // `total` outlives this.
  WaitingBytes(size_t& total, size_t window) : total_(total), window_(window) {}
  ~WaitingBytes() { Clear(); }
  WaitingBytes(const WaitingBytes&) = delete;
  WaitingBytes& operator=(const WaitingBytes&) = delete;

  bool empty() const { return begin_ == bytes_.size(); }
  void set_window(size_t window) { window_ = window; }

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
    Count();
  }

  // The next bytes, at most `credit`, which loses as many. Valid until the next
  // Append(), Release() or Clear(), and held until then.
  std::string_view Take(uint64_t& credit) CARAVEL_LIFETIME_BOUND {
    const size_t size = std::min<uint64_t>(bytes_.size() - begin_, credit);
    const std::string_view taken =
        std::string_view(bytes_).substr(begin_, size);
    begin_ += size;
    credit -= size;
    return taken;
  }

  // What was taken has been passed on: its memory goes, once it is most of what
  // is held, so that each byte moves once or so.
  void Release() {
    if (empty()) {
      Clear();
    } else if (begin_ > bytes_.size() / 2) {
      bytes_ = bytes_.substr(begin_);
      begin_ = 0;
      Count();
    }
  }

  void Clear() {
    bytes_ = {};
    begin_ = 0;
    Count();
  }

 private:
  void Count() {
    total_ -= counted_;
    counted_ = bytes_.size() > window_ ? bytes_.size() - window_ : 0;
    total_ += counted_;
  }

  size_t& total_;
  size_t window_;
  size_t counted_ = 0;  // of what is held, in the total
  std::string bytes_;
  size_t begin_ = 0;
};

}  // namespace caravel::host
