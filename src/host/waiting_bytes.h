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
// room for them. What they hold of memory (the capacity of a string, which may
// be twice its size) beyond a window, which every exchange has, is counted in a
// total of their owner's: it counts against the limit of the isolate that they
// come from.
class WaitingBytes {
 public:
  // `total` outlives this.
  WaitingBytes(size_t& total, size_t window) : total_(total), window_(window) {}
  ~WaitingBytes() { Clear(); }
  WaitingBytes(const WaitingBytes&) = delete;
  WaitingBytes& operator=(const WaitingBytes&) = delete;

  bool empty() const { return begin_ == bytes_.size(); }
  size_t size() const { return bytes_.size() - begin_; }
  // What of it is in the total.
  size_t counted() const { return counted_; }
  void set_window(size_t window) { window_ = window; }

  // What comes after this waits behind a barrier: Take() gives none of it until
  // LiftBarrier(). Requires: there is no barrier.
  void SetBarrier() { before_barrier_ = bytes_.size() - begin_; }
  void LiftBarrier() { before_barrier_ = kNoBarrier; }
  // Whether all that Take() may give has been taken.
  bool spent() const { return empty() || before_barrier_ == 0; }

  void Append(std::string bytes) {
    if (empty()) {
      Hold(std::move(bytes));
    } else {
      MakeRoom(bytes.size());
      bytes_ += bytes;
    }
    Count();
  }

  // The next bytes, at most `credit`, which loses as many. Valid until the next
  // Append(), Release() or Clear(), and held until then.
  std::string_view Take(uint64_t& credit) CARAVEL_LIFETIME_BOUND {
    const size_t size = std::min<uint64_t>(
        std::min(bytes_.size() - begin_, before_barrier_), credit);
    const std::string_view taken =
        std::string_view(bytes_).substr(begin_, size);
    begin_ += size;
    if (before_barrier_ != kNoBarrier) before_barrier_ -= size;
    credit -= size;
    return taken;
  }

  // What was taken has been passed on: its memory goes, once it is most of what
  // is held, so that each byte moves once or so.
  void Release() {
    if (empty()) {
      Clear();
    } else if (begin_ > bytes_.size() / 2) {
      Hold(bytes_.substr(begin_));
      Count();
    }
  }

  void Clear() {
    Hold({});
    Count();
  }

 private:
  // Assignment would keep the memory of what was there.
  void Hold(std::string bytes) {
    bytes_.swap(bytes);
    begin_ = 0;
  }
  // What was taken goes when the string must grow anyway; that it grows by half
  // moves each byte a few times at most.
  void MakeRoom(size_t size) {
    if (bytes_.size() + size <= bytes_.capacity()) return;
    const size_t needed = bytes_.size() - begin_ + size;
    std::string grown;
    grown.reserve(needed + needed / 2);
    grown.append(bytes_, begin_);
    Hold(std::move(grown));
  }
  void Count() {
    total_ -= counted_;
    const size_t held = bytes_.capacity();
    counted_ = held > kInline && held > window_ ? held - window_ : 0;
    total_ += counted_;
  }

  // A string of that many bytes holds no memory beside itself.
  static inline const size_t kInline = std::string().capacity();
  static constexpr size_t kNoBarrier = SIZE_MAX;

  size_t& total_;
  size_t window_;
  size_t counted_ = 0;  // of what is held, in the total
  std::string bytes_;
  size_t begin_ = 0;
  size_t before_barrier_ = kNoBarrier;  // bytes
};

}  // namespace caravel::host
