#include <boost/json.hpp>

#include "cli/commands.h"
#include "cli/log_text.h"
#include "cli/running.h"
#include "daemon/client/admin_client.h"

namespace caravel::cli {
namespace {

constexpr Flag kLogsFlags[] = {
    {"follow", Flag::Kind::kSwitch, "", "go on with new ones as they come",
     'f'},
    {"lines", Flag::Kind::kNumber, "N", "how many of the kept ones; 100", 'n'},
    kDataFlag,
};
constexpr Operand kLogsOperands[] = {
    {"WORKER", false, "a Worker's name; all Workers unless said"}};

Result<int> RunLogs(Context& context, const Arguments& arguments) {
  CARAVEL_TRY(const daemon::DataFolder folder, FolderFrom(arguments));
  CARAVEL_TRY(const std::unique_ptr<daemon::AdminClient> client,
              daemon::AdminClient::Connect(folder));
  const bool follow = arguments.Has("follow");
  client->Send(daemon::AskLogs{.worker = arguments.Text("WORKER").value_or(""),
                               .limit = arguments.Number("lines").value_or(100),
                               .follow = follow});
  bool sent = false;
  while (true) {
    CARAVEL_TRY(const daemon::FromAdmin message,
                client->Receive(sent ? std::chrono::milliseconds(-1)
                                     : std::chrono::seconds(10)));
    if (const auto* entry = std::get_if<daemon::LogEntry>(&message)) {
      context.terminal.Print(
          LogText(context.terminal, entry->worker, entry->event));
    } else if (const auto* end = std::get_if<daemon::LogsSent>(&message)) {
      if (end->dropped > 0) {
        context.terminal.PrintWarning(fmt::format(
            "{} events were lost: caraveld was away or slow", end->dropped));
      }
      if (!follow) return 0;
      sent = true;
    }
  }
}

}  // namespace

const Command kLogsCommand{
    .name = "logs",
    .summary = "show what Workers logged and threw",
    .help =
        "One entry an invocation: request, outcome, times, the lines of its\n"
        "console and its exceptions. A request that succeeded without a line\n"
        "is counted (./caravel status) and has no entry.",
    .flags = kLogsFlags,
    .operands = kLogsOperands,
    .run = &RunLogs};

}  // namespace caravel::cli
