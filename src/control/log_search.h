#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

#include "base/result.h"
#include "registry/log_query.h"

namespace caravel::api {

// What of the log was found by one look at it.
struct LogsFound {
  std::vector<registry::LogEvent> events;  // newest first
  size_t bytes = 0;                        // of these, as they are kept
  uint64_t before = 0;                     // where the next look begins
  bool more = false;                       // there may be some before that
};

// The log of Workers that caraveld keeps. Threads: any; blocks for some
// milliseconds.
class LogSearch {
 public:
  virtual ~LogSearch() = default;
  // Of these Workers, `count` at most, looking back from `before`; 0: from the
  // newest on. A look goes over a part of the log only: what it found may be
  // nothing, and there is more. kUnavailable: caraveld ends.
  virtual Result<LogsFound> Last(const std::set<registry::WorkerId>& workers,
                                 const registry::LogQuery& query,
                                 uint64_t before, size_t count) = 0;
};

}  // namespace caravel::api
