#pragma once

#include <atomic>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "base/mutex.h"

namespace caravel::host {

class InvocationCounts;

// How many invocations of Workers a request has at a time: its own, those that
// it makes of Workers, and those that these make, on whichever shards they run.
// Each of them holds it, so that it is gone with the last. Threads: any.
class InvocationCount {
 public:
  // Of one request, its own counted: as many as one invocation may call.
  // Workers document 32, which they hold chains of calls to
  // (ServiceCall::kMostDepth).
  static constexpr uint32_t kMost = 1000;

  InvocationCount(InvocationCounts& owner, uint64_t id)
      : owner_(owner), id_(id) {}
  ~InvocationCount();
  InvocationCount(const InvocationCount&) = delete;
  InvocationCount& operator=(const InvocationCount&) = delete;

  // By which InvocationCounts finds it.
  uint64_t id() const { return id_; }

 private:
  friend class InvocationPlace;

  InvocationCounts& owner_;
  const uint64_t id_;
  std::atomic<uint32_t> count_{1};
};

// What a call takes of it, from when it is made until its answer is whole, and
// what is called from then on until it has ended. Threads: one.
class InvocationPlace {
 public:
  // nullopt: there are as many invocations as there may be.
  static std::optional<InvocationPlace> Take(
      std::shared_ptr<InvocationCount> count);
  // Counts however many there are: of one that is there.
  static InvocationPlace Keep(std::shared_ptr<InvocationCount> count);
  ~InvocationPlace();
  InvocationPlace(InvocationPlace&& other) noexcept = default;
  InvocationPlace& operator=(InvocationPlace&& other) noexcept {
    std::swap(count_, other.count_);
    return *this;
  }

 private:
  explicit InvocationPlace(std::shared_ptr<InvocationCount> count)
      : count_(std::move(count)) {}

  std::shared_ptr<InvocationCount> count_;  // nullptr: moved away
};

// Those of a host's requests that call Workers. Threads: any.
class InvocationCounts {
 public:
  // Of a request that no Worker made.
  std::shared_ptr<InvocationCount> Begin() CARAVEL_EXCLUDES(mutex_);
  // nullptr: nobody holds it any more.
  std::shared_ptr<InvocationCount> Find(uint64_t id) CARAVEL_EXCLUDES(mutex_);
  size_t size() CARAVEL_EXCLUDES(mutex_);

 private:
  friend InvocationCount;
  void Forget(uint64_t id) CARAVEL_EXCLUDES(mutex_);

  base::Mutex mutex_;
  uint64_t last_ CARAVEL_GUARDED_BY(mutex_) = 0;
  boost::unordered_flat_map<uint64_t, std::weak_ptr<InvocationCount>> counts_
      CARAVEL_GUARDED_BY(mutex_);
};

}  // namespace caravel::host
