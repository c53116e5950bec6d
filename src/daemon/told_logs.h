#pragma once

#include "daemon/log_intake.h"
#include "daemon/log_keeping.h"
#include "daemon/log_store.h"
#include "daemon/tail_target.h"

namespace caravel::daemon {

// What Workers tell goes to who follows them and, as far as it is kept, to the
// store. Threads: the one that drives the loop.
class ToldLogs final : public LogSink {
 public:
  ToldLogs(LogStore& store, const LogKeepings& keepings)
      : store_(store), keepings_(keepings) {}
  void set_tails(TailTarget& tails) { tails_ = &tails; }

  void Append(const registry::LogEvent& event) override {
    if (tails_ != nullptr) tails_->Offer(event);
    if (!keepings_.Keeps(event)) return;
    if (event.request.empty() && !event.only_tailed) {
      return store_.Append(event);
    }
    registry::LogEvent kept = event;
    kept.request.clear();
    kept.only_tailed = false;
    store_.Append(kept);
  }
  void CountDropped(uint64_t events) override { store_.CountDropped(events); }

 private:
  LogStore& store_;
  const LogKeepings& keepings_;
  TailTarget* tails_ = nullptr;  // where the API is not, nobody follows
};

}  // namespace caravel::daemon
