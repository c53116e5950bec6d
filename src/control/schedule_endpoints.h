#pragma once

#include <string>
#include <vector>

#include "control/endpoint_traits.h"
#include "control/paging.h"
#include "control/paths.h"
#include "control/services.h"

// The cron triggers of Workers.
namespace caravel::api {

struct ScheduleInput {
  std::string cron;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&ScheduleInput::cron,
                   "Minute, hour, day of the month, month, day of the week")
            .Length(1, 128));
  }
};
BOOST_DESCRIBE_STRUCT(ScheduleInput, (), (cron))

struct ScheduleSeen {
  std::string cron;
  std::string created_on;
  std::string modified_on;
};
BOOST_DESCRIBE_STRUCT(ScheduleSeen, (), (cron, created_on, modified_on))

struct Schedules {
  std::vector<ScheduleSeen> schedules;
};
BOOST_DESCRIBE_STRUCT(Schedules, (), (schedules))

// What became of a minute that a schedule names.
struct ScheduledRun {
  std::string cron;
  std::string scheduled_on;
  std::string outcome;  // running, ok, failed, interrupted or missed
  std::string detail;   // why it failed; how many were missed
};
BOOST_DESCRIBE_STRUCT(ScheduledRun, (), (cron, scheduled_on, outcome, detail))

Result<Schedules> GetSchedules(Caller& caller, const ScriptPath& path);
Result<Schedules> PutSchedules(Caller& caller, const ScriptPath& path,
                               std::vector<ScheduleInput> input);
Result<Page<ScheduledRun>> ListScheduledRuns(Caller& caller,
                                             const ScriptPath& path,
                                             Query<PageQuery> query);

inline constexpr Endpoint kGetSchedules{
    .method = Method::kGet,
    .path = "/accounts/{account_id}/workers/scripts/{script_name}/schedules",
    .scope = Scope::kWorkersRead,
    .summary = "List the cron triggers of a Worker",
    .handler = &GetSchedules,
};

inline constexpr Endpoint kPutSchedules{
    .method = Method::kPut,
    .path = "/accounts/{account_id}/workers/scripts/{script_name}/schedules",
    .scope = Scope::kWorkersWrite,
    .summary = "Set the cron triggers of a Worker, in place of those it has",
    .example = R"([{"cron":"*/5 * * * *"}])",
    .handler = &PutSchedules,
};

inline constexpr Endpoint kListScheduledRuns{
    .method = Method::kGet,
    .path =
        "/accounts/{account_id}/workers/scripts/{script_name}/schedules/runs",
    .scope = Scope::kWorkersRead,
    .summary =
        "List what became of the cron triggers of a Worker, newest first",
    .handler = &ListScheduledRuns,
};

}  // namespace caravel::api
