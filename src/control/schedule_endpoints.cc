#include "control/schedule_endpoints.h"

#include "base/clock.h"

namespace caravel::api {
namespace {

constexpr size_t kMostRuns =
    registry::Crons::kMostOfWorker * registry::Crons::kKeptRuns;

Schedules Seen(const std::vector<registry::CronTrigger>& triggers) {
  Schedules seen;
  for (const registry::CronTrigger& trigger : triggers) {
    const std::string created = base::FormatTime(trigger.created);
    seen.schedules.push_back(
        {.cron = trigger.cron, .created_on = created, .modified_on = created});
  }
  return seen;
}

std::string NameOf(registry::CronOutcome outcome) {
  switch (outcome) {
    case registry::CronOutcome::kRunning:
      return "running";
    case registry::CronOutcome::kOk:
      return "ok";
    case registry::CronOutcome::kFailed:
      return "failed";
    case registry::CronOutcome::kInterrupted:
      return "interrupted";
    case registry::CronOutcome::kMissed:
      break;
  }
  return "missed";
}

}  // namespace

Result<Schedules> GetSchedules(Caller& caller, const ScriptPath& path) {
  CARAVEL_TRY(
      const registry::Worker worker,
      caller.services.registry.GetWorker(caller.account, path.script_name));
  CARAVEL_TRY(const std::vector<registry::CronTrigger> triggers,
              caller.services.crons.Of(worker.id));
  return Seen(triggers);
}

Result<Schedules> PutSchedules(Caller& caller, const ScriptPath& path,
                               std::vector<ScheduleInput> input) {
  CARAVEL_TRY(
      const registry::Worker worker,
      caller.services.registry.GetWorker(caller.account, path.script_name));
  std::vector<std::string> crons;
  for (ScheduleInput& schedule : input) {
    crons.push_back(std::move(schedule.cron));
  }
  CARAVEL_TRY(const std::vector<registry::CronTrigger> triggers,
              caller.services.crons.Set(worker.id, crons));
  caller.services.observer.SchedulesChanged();
  return Seen(triggers);
}

Result<Page<ScheduledRun>> ListScheduledRuns(Caller& caller,
                                             const ScriptPath& path,
                                             Query<PageQuery> query) {
  CARAVEL_TRY(
      const registry::Worker worker,
      caller.services.registry.GetWorker(caller.account, path.script_name));
  CARAVEL_TRY(std::vector<registry::CronRun> runs,
              caller.services.crons.Runs(worker.id, kMostRuns));
  std::vector<ScheduledRun> seen;
  seen.reserve(runs.size());
  for (registry::CronRun& run : runs) {
    seen.push_back({.cron = std::move(run.cron),
                    .scheduled_on = base::FormatTime(run.slot),
                    .outcome = NameOf(run.outcome),
                    .detail = std::move(run.detail)});
  }
  return PageOf(std::move(seen), query.value);
}

}  // namespace caravel::api
