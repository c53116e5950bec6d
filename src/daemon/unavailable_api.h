#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "daemon/deferred_answers.h"

namespace caravel::daemon {

// Stands in for the API while its database cannot be opened: every request gets
// status 503 and, in the API's envelope, why and what to do. Tokens cannot be
// checked without the database, so whoever reaches the listener reads that; a
// Host that the API would refuse is refused here too (control/host_check.h).
//
// Threads: the one that drives the loop.
class UnavailableApi final : public net::Target {
 public:
  // `loop` outlives the target. `reason` is of code kUnavailable.
  UnavailableApi(net::EventLoop& loop, std::vector<std::string> hosts,
                 Error reason);

  net::Answerer& Start(net::RequestHead& head, net::Asker& asker) override;

 private:
  const std::vector<std::string> hosts_;
  const Error reason_;
  DeferredAnswers answers_;
};

}  // namespace caravel::daemon
