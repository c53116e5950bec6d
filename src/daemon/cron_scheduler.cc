#include "daemon/cron_scheduler.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/json_text.h"

namespace caravel::daemon {
namespace {

using registry::CronOutcome;
using registry::CronRun;

// A clock that was set is noticed within this time.
constexpr std::chrono::seconds kLongestWait{10};
// What the database could not do is asked for again after this time.
constexpr std::chrono::seconds kDatabasePause{5};
// As many events are claimed by one transaction.
constexpr ptrdiff_t kMostAtOnce = 500;
// Missed minutes are counted up to here.
constexpr size_t kMostCounted = 10'000;

}  // namespace

CronScheduler::CronScheduler(const Parts& parts)
    : parts_(parts), self_(std::make_shared<CronScheduler*>(this)) {}

CronScheduler::~CronScheduler() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
    work_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

void CronScheduler::Start() {
  thread_ = std::thread([this] { Run(); });
}

void CronScheduler::Nudge() {
  const base::MutexLock lock(mutex_);
  changed_ = true;
  work_.NotifyAll();
}

void CronScheduler::Run() {
  if (const auto interrupted = parts_.crons.Interrupt()) {
    for (const CronRun& run : *interrupted) {
      Tell(run, "interrupted", "caraveld ended while this ran");
    }
  } else {
    parts_.log.Warning("scheduled events that were cut off are not recorded",
                       {{"reason", interrupted.error().ToText()}});
  }
  std::vector<CronRun> ended;
  bool changed = false;
  while (AwaitWork(ended, changed)) {
    if (!ended.empty()) Finish(std::exchange(ended, {}));
    reads_again_ = changed && !ReadSchedules();
    if (!ClaimAndDispatch(TakeDue())) reads_again_ = true;
  }
  if (!ended.empty()) Finish(ended);
}

bool CronScheduler::AwaitWork(std::vector<CronRun>& ended, bool& changed) {
  base::WallTime now = parts_.clock.Wall();
  std::chrono::nanoseconds wait = reads_again_ ? kDatabasePause : kLongestWait;
  for (const Schedule& schedule : schedules_) {
    if (!schedule.next) continue;
    wait = std::min<std::chrono::nanoseconds>(wait, *schedule.next - now);
  }
  const base::MutexLock lock(mutex_);
  if (!stopping_ && !changed_ && ended_.empty() && wait.count() > 0) {
    work_.WaitFor(mutex_, wait);
  }
  ended = std::exchange(ended_, {});
  now = parts_.clock.Wall();
  const bool was_set_back = now + kPatience < last_round_;
  last_round_ = now;
  changed = std::exchange(changed_, false) || reads_again_ || was_set_back;
  return !stopping_;
}

bool CronScheduler::ReadSchedules() {
  const base::WallTime now = parts_.clock.Wall();
  Result<std::vector<registry::CronTrigger>> triggers = parts_.crons.All();
  const auto is_ahead = [now](const registry::CronTrigger& trigger) {
    return trigger.seen > now + kPatience;
  };
  if (triggers && std::ranges::any_of(*triggers, is_ahead)) {
    parts_.log.Warning("the clock was ahead: cron triggers begin again now");
    if (const auto rewound = parts_.crons.Rewind(now)) {
      triggers = parts_.crons.All();
    } else {
      triggers = rewound.error().Clone();
    }
  }
  if (!triggers) {
    parts_.log.Error("schedules cannot be read",
                     {{"reason", triggers.error().ToText()}});
    return false;
  }
  schedules_.clear();
  for (registry::CronTrigger& trigger : *triggers) {
    Result<registry::Cron> cron = registry::Cron::Parse(trigger.cron);
    if (!cron) continue;  // none of this version's
    const auto next = cron->Next(trigger.seen);
    schedules_.push_back({std::move(trigger), *std::move(cron), next});
  }
  return true;
}

std::vector<CronRun> CronScheduler::TakeDue() {
  const base::WallTime now = parts_.clock.Wall();
  std::vector<CronRun> runs;
  for (Schedule& schedule : schedules_) {
    std::vector<base::WallTime> due;
    while (schedule.next && *schedule.next <= now &&
           due.size() < kMostCounted) {
      due.push_back(*schedule.next);
      schedule.next = schedule.cron.Next(*schedule.next);
    }
    if (due.empty()) continue;
    CronRun run{.worker = schedule.trigger.worker,
                .cron = schedule.trigger.cron,
                .slot = due.back(),
                .outcome = CronOutcome::kRunning,
                .detail = {}};
    const bool is_late = now - due.back() >= kPatience;
    if (!is_late) due.pop_back();
    if (!due.empty()) {
      CronRun missed = run;
      missed.slot = due.back();
      missed.outcome = CronOutcome::kMissed;
      missed.detail = fmt::format("{} missed, the first at {}", due.size(),
                                  base::FormatTime(due.front()));
      runs.push_back(std::move(missed));
    }
    if (!is_late) runs.push_back(std::move(run));
  }
  return runs;
}

bool CronScheduler::ClaimAndDispatch(const std::vector<CronRun>& due) {
  bool is_well = true;
  for (auto begin = due.begin(); begin != due.end();) {
    const auto end =
        begin + std::min<ptrdiff_t>(kMostAtOnce, due.end() - begin);
    const Result<std::vector<CronRun>> claimed =
        parts_.crons.Claim({begin, end});
    begin = end;
    if (!claimed) {
      parts_.log.Error("scheduled events wait: they cannot be claimed",
                       {{"reason", claimed.error().ToText()}});
      is_well = false;
      continue;
    }
    for (const CronRun& run : *claimed) {
      if (run.outcome == CronOutcome::kRunning) {
        Dispatch(run);
      } else {
        Tell(run, "missed",
             fmt::format("{}: caraveld was not there, and what is missed is "
                         "not made up for",
                         run.detail));
      }
    }
  }
  return is_well;
}

void CronScheduler::Dispatch(const CronRun& run) {
  (void)parts_.loop.Post([self = std::weak_ptr(self_), run] {
    const auto here = self.lock();
    if (here == nullptr) return;
    (*here)->parts_.runner.RunScheduled(run.worker, run.cron, run.slot,
                                        [self, run](const Status& status) {
                                          if (const auto still = self.lock())
                                            (*still)->Ended(run, status);
                                        });
  });
}

void CronScheduler::Ended(CronRun run, const Status& status) {
  if (status) {
    run.outcome = CronOutcome::kOk;
  } else if (status.error().code() == ErrorCode::kUnavailable) {
    run.outcome = CronOutcome::kInterrupted;
    run.detail = status.error().message();
    Tell(run, "interrupted", run.detail);
  } else {
    run.outcome = CronOutcome::kFailed;
    run.detail = status.error().message();
  }
  const base::MutexLock lock(mutex_);
  ended_.push_back(std::move(run));
  work_.NotifyAll();
}

void CronScheduler::Finish(const std::vector<CronRun>& runs) {
  if (Status kept = parts_.crons.Finish(runs); !kept) {
    parts_.log.Warning("how scheduled events ended is not recorded",
                       {{"events", runs.size()},
                        {"first", runs.front().cron},
                        {"reason", kept.error().ToText()}});
  }
}

void CronScheduler::Tell(const CronRun& run, std::string_view outcome,
                         std::string text) {
  registry::LogEvent event;
  event.worker = run.worker;
  event.outcome = outcome;
  event.kind = "scheduled";
  event.cron = run.cron;
  event.scheduled_ms = base::MillisecondsSinceEpoch(run.slot);
  event.time_ms = base::MillisecondsSinceEpoch(parts_.clock.Wall());
  event.logs.push_back({.level = "warn",
                        .message = fmt::format("[{}]", base::JsonQuote(text)),
                        .time_ms = event.time_ms});
  (void)parts_.loop.Post([self = std::weak_ptr(self_), event] {
    if (const auto here = self.lock()) (*here)->parts_.logs.Append(event);
  });
}

}  // namespace caravel::daemon
