#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "host/cache.h"

namespace caravel::host {

// Bytes that are counted as arriving for a cache (Cache::Reserve), until this
// goes.
//
// Threads: any one at a time.
class ArrivingBytes {
 public:
  // `cache` outlives this.
  ArrivingBytes(Cache& cache, std::string account)
      : cache_(cache), account_(std::move(account)) {}
  ~ArrivingBytes() { Clear(); }
  ArrivingBytes(const ArrivingBytes&) = delete;
  ArrivingBytes& operator=(const ArrivingBytes&) = delete;

  // False, and nothing has changed: there is no room.
  [[nodiscard]] bool Add(size_t bytes) {
    if (!cache_.Reserve(account_, bytes)) return false;
    counted_ += bytes;
    return true;
  }
  void Remove(size_t bytes) {
    if (bytes == 0) return;
    counted_ -= bytes;
    cache_.Release(account_, bytes);
  }
  void Clear() { Remove(counted_); }

 private:
  Cache& cache_;
  const std::string account_;
  size_t counted_ = 0;
};

// A body that is gathered for a cache, with the memory that it holds counted.
//
// Threads: any one at a time.
class ArrivingBody {
 public:
  // `cache` outlives this.
  ArrivingBody(Cache& cache, std::string account)
      : bytes_(cache, std::move(account)) {}

  size_t size() const { return body_.size(); }
  // Has it hold so many bytes in all. False, and nothing has changed: there is
  // no room. Requires: bytes >= size().
  [[nodiscard]] bool Hold(size_t bytes);
  // False, and nothing has changed: there is no room. `most`: no more bytes are
  // to come in all.
  [[nodiscard]] bool Append(std::string_view bytes, uint64_t most);
  // The body, with little in reserve and counted no more.
  std::string Take();
  void Clear();

 private:
  ArrivingBytes bytes_;
  std::string body_;
  size_t held_ = 0;  // of it, as it was counted
};

}  // namespace caravel::host
