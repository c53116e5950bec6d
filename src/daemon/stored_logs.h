#pragma once

#include "control/log_search.h"
#include "daemon/log_store.h"
#include "net/event_loop.h"

namespace caravel::daemon {

// Looks into the store for handlers of the API, which have threads of their
// own: the loop does it between other things.
class StoredLogs final : public api::LogSearch {
 public:
  // Both outlive it; the loop is polled while a look waits.
  StoredLogs(net::EventLoop& loop, const LogStore& store)
      : loop_(loop), store_(store) {}

  Result<api::LogsFound> Last(const std::set<registry::WorkerId>& workers,
                              const registry::LogQuery& query, uint64_t before,
                              size_t count) override;

 private:
  net::EventLoop& loop_;
  const LogStore& store_;
};

}  // namespace caravel::daemon
