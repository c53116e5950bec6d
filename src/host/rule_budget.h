#pragma once

#include <cstddef>
#include <string_view>

namespace caravel::host {

// What the rules of a version's assets may cost for one request, all of them
// together: whoever wrote the rules, and whatever path a client asks for, its
// shard goes on to the next request within about a millisecond. Once more was
// asked for than is left, there is nothing left.
class RuleBudget {
 public:
  // One is a place of a path that a rule is tried at, so many bytes that are
  // looked through or compared, or one that a rule writes.
  static constexpr size_t kMostSteps = 200'000;
  static constexpr size_t kBytesAStep = 64;

  // False: the request ends here.
  [[nodiscard]] bool Take(size_t steps) {
    if (steps > left_) {
      left_ = 0;
      exceeded_ = true;
    } else {
      left_ -= steps;
    }
    return !exceeded_;
  }
  // The same for a step that looks at `bytes`.
  [[nodiscard]] bool TakeLook(size_t bytes) {
    return Take(1 + bytes / kBytesAStep);
  }
  bool exceeded() const { return exceeded_; }

 private:
  size_t left_ = kMostSteps;
  bool exceeded_ = false;
};

// What is told of a request that has exceeded it.
inline constexpr std::string_view kRulesExceeded =
    "_redirects, _headers and run_worker_first of this Worker's assets take "
    "too long for this URL: use a shorter URL, or fewer and simpler patterns";

}  // namespace caravel::host
