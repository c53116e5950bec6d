#include "control/schedule_endpoints.h"

#include "base/clock.h"

namespace caravel::api {
namespace {

Schedules Seen(const std::vector<registry::CronTrigger>& triggers) {
  Schedules seen;
  for (const registry::CronTrigger& trigger : triggers) {
    const std::string created = base::FormatTime(trigger.created);
    seen.schedules.push_back(
        {.cron = trigger.cron, .created_on = created, .modified_on = created});
  }
  return seen;
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

}  // namespace caravel::api
