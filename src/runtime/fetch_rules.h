#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace caravel::runtime {

// What a Worker asks of a fetch beside its request: init.cf.
// Source: Workers documentation, "Request", "RequestInitCfProperties".
struct FetchRules {
  // Seconds for which answers of these statuses are kept; below 0: they are
  // not.
  struct OfStatus {
    uint16_t first = 0;
    uint16_t last = 0;
    int64_t ttl = 0;
  };

  // Whether the answer may come from the cache, and be kept there.
  bool cache = false;
  std::optional<int64_t> ttl;  // whatever the answer says; below 0: not kept
  std::vector<OfStatus> by_status;
  std::string key;  // by which it is kept; empty: the URL
  // The host to connect to in place of the URL's; empty: that.
  std::string resolve_override;

  // Of memory.
  size_t bytes() const {
    return sizeof *this + by_status.size() * sizeof(OfStatus) + key.size() +
           resolve_override.size();
  }
};

}  // namespace caravel::runtime
