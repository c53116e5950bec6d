#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace caravel::runtime {

// What a rate limiting binding names: at most `limit` calls with one key in
// `period` seconds. Bindings of one account that name the same space count
// together.
struct RateLimit {
  // A key with more is counted by its SHA-256: the host keeps them all, and
  // compares them under a lock that its shards share.
  static constexpr size_t kMostKeyBytes = 256;

  std::string space;  // the binding's namespace_id
  uint32_t limit = 0;
  uint32_t period = 60;
};

}  // namespace caravel::runtime
