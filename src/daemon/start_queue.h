#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <string>

#include "daemon/counts.h"

namespace caravel::daemon {

// What hosts ask before caraveld has loaded what is published waits here for
// that: a host that outlived a caraveld asks the next one as soon as it has
// joined it. Each host has half of the places at most, as one of them may be in
// the hands of a tenant.
//
// Threads: the one that drives the loop.
class StartQueue {
 public:
  explicit StartQueue(size_t max_waiting) : max_waiting_(max_waiting) {}

  // Calls `answer` when it is Open(), so at once or later; not at all when the
  // host leaves before. False: too many wait, and it never calls it.
  [[nodiscard]] bool Add(const std::string& host, std::function<void()> answer);
  // Calls who wait, and from now on each at once.
  void Open();
  void OnHostLeft(const std::string& host);

 private:
  struct Waiting {
    std::string host;
    std::function<void()> answer;
  };
  const size_t max_waiting_;
  bool open_ = false;
  std::deque<Waiting> waiting_;
  Counts waiting_of_;  // by host
};

}  // namespace caravel::daemon
