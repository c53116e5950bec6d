#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "registry/host_protocol.h"

namespace caravel::daemon {

// What of a Worker's events is stored, as `observability` of its configuration
// says. A value. Source: Workers documentation, "Workers Logs".
struct LogKeeping {
  bool keeps = true;
  double rate = 1;  // of requests, with all that they tell; by their ids
  // Whether events that tell of nothing but the invocation are kept: all of
  // them, those that did not just succeed, or none.
  enum class Invocations : unsigned char { kAll, kFailed, kNone };
  Invocations invocations = Invocations::kFailed;

  // Of the setting's JSON; empty, or none of ours: what is kept without being
  // asked for.
  static LogKeeping Of(std::string_view observability);
  bool Keeps(const registry::LogEvent& event) const;
  bool operator==(const LogKeeping&) const = default;
};

// That of all Workers. Threads: any.
class LogKeepings {
 public:
  // True: other Workers than before have all of their invocations kept.
  bool Set(const registry::WorkerId& worker, std::string_view observability)
      CARAVEL_EXCLUDES(mutex_);
  bool Keeps(const registry::LogEvent& event) const CARAVEL_EXCLUDES(mutex_);
  // The Workers of which all invocations are kept.
  std::vector<registry::WorkerId> Whole() const CARAVEL_EXCLUDES(mutex_);

 private:
  mutable base::Mutex mutex_;
  std::map<registry::WorkerId, LogKeeping> by_worker_
      CARAVEL_GUARDED_BY(mutex_);  // those that differ from LogKeeping()
};

}  // namespace caravel::daemon
