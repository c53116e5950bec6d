#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace caravel::base {

// Upper bounds, in microseconds, of the buckets in which times of requests are
// counted; one bucket more takes what is above the last.
inline constexpr std::array<uint64_t, 16> kMicrosecondBounds = {
    10,    25,     50,     100,     250,     500,       1'000,     2'500,
    5'000, 10'000, 25'000, 100'000, 250'000, 1'000'000, 2'500'000, 10'000'000};
inline constexpr size_t kMicrosecondBuckets = kMicrosecondBounds.size() + 1;

// The bucket that counts `microseconds`.
inline size_t BucketOf(uint64_t microseconds) {
  return static_cast<size_t>(std::lower_bound(kMicrosecondBounds.begin(),
                                              kMicrosecondBounds.end(),
                                              microseconds) -
                             kMicrosecondBounds.begin());
}

}  // namespace caravel::base
