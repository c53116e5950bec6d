#include <boost/json.hpp>

#include "cli/commands.h"
#include "cli/running.h"
#include "daemon/client/admin_client.h"

namespace caravel::cli {
namespace {

namespace json = boost::json;

constexpr std::string_view kEachMinute = "* * * * *";

constexpr Flag kCronFlags[] = {
    {"cron", Flag::Kind::kText, "EXPR",
     "what the handler finds as controller.cron; else \"* * * * *\""},
    kDataFlag,
    kJsonFlag};
constexpr Operand kCronOperands[] = {{"ACTION", true, "run"},
                                     {"WORKER", true, "the name of a Worker"}};

Result<int> RunCron(Context& context, const Arguments& arguments) {
  const std::string action = arguments.Text("ACTION").value_or("");
  if (action != "run") {
    return Error(ErrorCode::kInvalid,
                 fmt::format("cron: \"{}\" is no action", action))
        .Remedy("say run: caravel cron run NAME");
  }
  const std::string worker = arguments.Text("WORKER").value_or("");
  CARAVEL_TRY(RunningFrom(arguments));
  CARAVEL_TRY(const daemon::DataFolder folder, FolderFrom(arguments));
  CARAVEL_TRY(const std::unique_ptr<daemon::AdminClient> client,
              daemon::AdminClient::Connect(folder));
  client->Send(daemon::AskCronRun{
      .worker = worker,
      .cron = arguments.Text("cron").value_or(std::string(kEachMinute))});
  // As long as the handler takes.
  CARAVEL_TRY(const daemon::FromAdmin answer,
              client->Receive(std::chrono::milliseconds(-1)));
  const auto* ran = std::get_if<daemon::CronRan>(&answer);
  if (ran == nullptr) {
    return Error(ErrorCode::kInternal, "caraveld answered with something else");
  }
  const bool is_well = ran->error.empty();
  if (arguments.Has("json")) {
    context.terminal.Print(json::serialize(json::object{
        {"worker", worker}, {"ok", is_well}, {"error", ran->error}}));
  } else if (is_well) {
    context.terminal.Print(fmt::format("{} has handled the event", worker));
  }
  if (is_well) return 0;
  if (arguments.Has("json")) return 1;
  return Error(ErrorCode::kInternal,
               fmt::format("{}: the event failed: {}", worker, ran->error))
      .Remedy(fmt::format("caravel logs {} shows why", worker));
}

}  // namespace

const Command kCronCommand = {
    .name = "cron",
    .summary = "run the scheduled handler of a Worker now",
    .help =
        "`caravel cron run NAME` calls the scheduled() handler of a deployed "
        "Worker once, beside its cron triggers, and waits until it has ended.",
    .flags = kCronFlags,
    .operands = kCronOperands,
    .run = &RunCron,
};

}  // namespace caravel::cli
