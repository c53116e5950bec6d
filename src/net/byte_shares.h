#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>

#include "base/mutex.h"

namespace caravel::net {

// Divides bytes of memory among owners who do not know each other, so that none
// of them can take it all: who holds some may have more as long as it then
// holds no more than it leaves, so that alone it comes to half; who holds none
// may have whatever is free (the rule of net/fair_shares.h, by bytes). Nobody
// waits: who may not is to say so.
//
// Threads: any; a hold may outlive this.
class ByteShares {
 public:
  // Given back when the last copy of it goes.
  using Hold = std::shared_ptr<const void>;

  explicit ByteShares(size_t bytes) : books_(std::make_shared<Books>(bytes)) {}

  // nullptr: `owner` has its share.
  Hold TryHold(const std::string& owner, size_t bytes);

  // What nobody holds.
  size_t free() const { return books_->free(); }

 private:
  class Books {
   public:
    explicit Books(size_t bytes) : free_(bytes) {}
    bool TryTake(const std::string& owner, size_t bytes);
    void Release(const std::string& owner, size_t bytes);
    size_t free() const;

   private:
    mutable base::Mutex mutex_;
    size_t free_ CARAVEL_GUARDED_BY(mutex_);
    std::map<std::string, size_t> held_ CARAVEL_GUARDED_BY(mutex_);
  };

  const std::shared_ptr<Books> books_;
};

}  // namespace caravel::net
