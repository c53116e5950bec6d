#include <algorithm>
#include <boost/json.hpp>

#include "cli/api_client.h"
#include "cli/api_view.h"
#include "cli/commands.h"
#include "cli/running.h"
#include "daemon/client/admin_client.h"
#include "registry/cron.h"

namespace caravel::cli {
namespace {

namespace json = boost::json;

constexpr std::string_view kEachMinute = "* * * * *";

constexpr Flag kCronFlags[] = {
    {"cron", Flag::Kind::kText, "EXPR",
     "what the handler finds as controller.cron; else \"* * * * *\""},
    {"lines", Flag::Kind::kNumber, "N",
     "of list: how many runs, 1 to 1000; else 20", 'n', 1, 1000},
    kAccountFlag,
    kDataFlag,
    kJsonFlag};
constexpr unsigned kDefaultRuns = 20;
constexpr Operand kCronOperands[] = {{"ACTION", true, "run or list"},
                                     {"WORKER", true, "the name of a Worker"}};

Result<int> ListRuns(Context& context, const Arguments& arguments) {
  const std::string worker = arguments.Text("WORKER").value_or("");
  CARAVEL_TRY(const daemon::RunInfo running, RunningFrom(arguments));
  CARAVEL_TRY(const ChosenAccount account, AccountOf(running, arguments));
  CARAVEL_TRY(
      const json::value runs,
      AskApi(running, "GET",
             fmt::format("/accounts/{}/workers/scripts/{}/schedules/runs"
                         "?per_page={}",
                         account.id, worker,
                         arguments.Number("lines").value_or(kDefaultRuns))));
  if (arguments.Has("json")) {
    context.terminal.PrintJson(json::serialize(json::object{{"runs", runs}}));
    return 0;
  }
  if (runs.as_array().empty()) {
    context.terminal.Print(
        fmt::format("No cron trigger of {} was due yet.", worker));
  }
  for (const json::value& run : runs.as_array()) {
    const std::string outcome = TextIn(run, "outcome");
    const std::string detail = TextIn(run, "detail");
    const bool is_well = outcome == "ok" || outcome == "running";
    context.terminal.Print(fmt::format(
        "{}  {}  {}{}", context.terminal.Dim(TextIn(run, "scheduled_on")),
        TextIn(run, "cron"), is_well ? outcome : context.terminal.Red(outcome),
        detail.empty() ? "" : ": " + detail));
  }
  return 0;
}

// Whether the Worker has that trigger.
Result<bool> HasTrigger(const daemon::RunInfo& running,
                        const ChosenAccount& account, const std::string& worker,
                        std::string_view cron) {
  CARAVEL_TRY(const json::value answer,
              AskApi(running, "GET",
                     fmt::format("/accounts/{}/workers/scripts/{}/schedules",
                                 account.id, worker)));
  const json::array& schedules = answer.at("schedules").as_array();
  return std::ranges::any_of(schedules, [cron](const json::value& each) {
    return each.at("cron").as_string() == cron;
  });
}

Result<int> RunNow(Context& context, const Arguments& arguments) {
  const std::string worker = arguments.Text("WORKER").value_or("");
  const auto cron = arguments.Text("cron");
  if (cron) {
    CARAVEL_TRY(registry::Cron::Parse(*cron));
  }
  CARAVEL_TRY(const daemon::RunInfo running, RunningFrom(arguments));
  CARAVEL_TRY(const ChosenAccount account, AccountOf(running, arguments));
  CARAVEL_TRY(const daemon::DataFolder folder, FolderFrom(arguments));
  CARAVEL_TRY(const std::unique_ptr<daemon::AdminClient> client,
              daemon::AdminClient::Connect(folder));
  client->Send(
      daemon::AskCronRun{.worker = worker,
                         .account = account.id,
                         .cron = cron.value_or(std::string(kEachMinute))});
  // As long as the handler takes.
  CARAVEL_TRY(const daemon::FromAdmin answer,
              client->Receive(std::chrono::milliseconds(-1)));
  const auto* ran = std::get_if<daemon::CronRan>(&answer);
  if (ran == nullptr) {
    return Error(ErrorCode::kInternal, "caraveld answered with something else");
  }
  const bool is_well = ran->error.empty();
  if (cron) {
    const Result<bool> has_trigger =
        HasTrigger(running, account, worker, *cron);
    if (has_trigger && !*has_trigger) {
      context.terminal.PrintNote(fmt::format(
          "{} has no cron trigger \"{}\": its handler was called with it all "
          "the same.",
          worker, *cron));
    }
  }
  if (arguments.Has("json")) {
    context.terminal.PrintJson(json::serialize(json::object{
        {"worker", worker}, {"ok", is_well}, {"error", ran->error}}));
  } else if (is_well) {
    context.terminal.Print(fmt::format("{} has handled the event", worker));
  }
  if (is_well) return 0;
  if (arguments.Has("json")) return 1;
  return Error(ErrorCode::kInternal,
               fmt::format("{}: the event failed: {}", worker, ran->error))
      .Remedy(fmt::format("./caravel logs {} shows why", worker));
}

Result<int> RunCron(Context& context, const Arguments& arguments) {
  const std::string action = arguments.Text("ACTION").value_or("");
  if (action == "run") return RunNow(context, arguments);
  if (action == "list") return ListRuns(context, arguments);
  return Error(ErrorCode::kInvalid,
               fmt::format("cron: \"{}\" is no action", action))
      .Remedy("say run or list: ./caravel cron run NAME");
}

}  // namespace

const Command kCronCommand = {
    .name = "cron",
    .summary = "run the scheduled handler of a Worker, list what ran",
    .help =
        "`./caravel cron run NAME` calls the scheduled() handler of a deployed "
        "Worker once, beside its cron triggers, and waits until it has ended.\n"
        "`./caravel cron list NAME` lists what became of its cron triggers, "
        "newest\n"
        "first; `./caravel logs NAME` shows what they logged.",
    .flags = kCronFlags,
    .operands = kCronOperands,
    .run = &RunCron,
};

}  // namespace caravel::cli
