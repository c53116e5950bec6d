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
    for (const CronRun& run : std::exchange(ended, {})) Finish(run);
    if (changed) ReadSchedules();
    for (Schedule& schedule : schedules_) RunDue(schedule);
  }
  for (const CronRun& run : ended) Finish(run);
}

bool CronScheduler::AwaitWork(std::vector<CronRun>& ended, bool& changed) {
  const base::WallTime now = parts_.clock.Wall();
  std::chrono::nanoseconds wait = kLongestWait;
  for (const Schedule& schedule : schedules_) {
    if (!schedule.next) continue;
    wait = std::min<std::chrono::nanoseconds>(wait, *schedule.next - now);
  }
  const base::MutexLock lock(mutex_);
  if (!stopping_ && !changed_ && ended_.empty() && wait.count() > 0) {
    work_.WaitFor(mutex_, wait);
  }
  ended = std::exchange(ended_, {});
  changed = std::exchange(changed_, false);
  return !stopping_;
}

void CronScheduler::ReadSchedules() {
  Result<std::vector<registry::CronTrigger>> triggers = parts_.crons.All();
  if (!triggers) {
    parts_.log.Error("schedules cannot be read",
                     {{"reason", triggers.error().ToText()}});
    return;
  }
  schedules_.clear();
  for (registry::CronTrigger& trigger : *triggers) {
    Result<registry::Cron> cron = registry::Cron::Parse(trigger.cron);
    if (!cron) continue;  // none of this version's
    const auto next = cron->Next(trigger.seen);
    schedules_.push_back({std::move(trigger), *std::move(cron), next});
  }
}

void CronScheduler::RunDue(Schedule& schedule) {
  const base::WallTime now = parts_.clock.Wall();
  if (!schedule.next || *schedule.next > now) return;
  std::vector<base::WallTime> due;
  while (schedule.next && *schedule.next <= now && due.size() < kMostCounted) {
    due.push_back(*schedule.next);
    schedule.next = schedule.cron.Next(*schedule.next);
  }
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
    missed.detail = fmt::format("{} missed, the first at {}", due.size(),
                                base::FormatTime(due.front()));
    const Status told = parts_.crons.Miss(missed);
    if (told) {
      Tell(missed, "missed",
           fmt::format("{}: caraveld was not there, and what is missed is not "
                       "made up for",
                       missed.detail));
    }
  }
  if (is_late) return;
  Result<bool> claimed = parts_.crons.Claim(run.worker, run.cron, run.slot);
  if (!claimed) {
    parts_.log.Error("a scheduled event was not dispatched",
                     {{"cron", run.cron},
                      {"worker", run.worker.value},
                      {"reason", claimed.error().ToText()}});
  } else if (*claimed) {
    Dispatch(run);
  }
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

void CronScheduler::Finish(const CronRun& run) {
  if (Status kept = parts_.crons.Finish(run); !kept) {
    parts_.log.Warning("how a scheduled event ended is not recorded",
                       {{"cron", run.cron}, {"reason", kept.error().ToText()}});
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
