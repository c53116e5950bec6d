#include <algorithm>
#include <thread>
#include <utility>

#include "base/clock.h"
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

constexpr std::chrono::milliseconds kAnswerLimit{10'000};
constexpr std::chrono::milliseconds kReconnectInterval{200};
// Of what was logged while nobody was connected.
constexpr uint32_t kMostMissed = 1'000;

// Prints entries, and after a lost connection those that it has not printed.
class LogPrinter {
 public:
  LogPrinter(Terminal& terminal, daemon::AskLogs question)
      : terminal_(terminal), question_(std::move(question)) {}

  // Until all kept entries are printed, or with `follow` until the connection
  // is lost, which is no error once entries have come through one.
  Status Run(daemon::AdminClient& client) {
    const bool again = std::exchange(connected_, true);
    if (again) question_.limit = kMostMissed;
    client.Send(question_);
    std::vector<daemon::LogEntry> kept;
    while (true) {
      Result<daemon::FromAdmin> answer = client.Receive(kAnswerLimit);
      if (!answer && again) return {};
      CARAVEL_TRY(daemon::FromAdmin message, std::move(answer));
      if (auto* entry = std::get_if<daemon::LogEntry>(&message)) {
        kept.push_back(std::move(*entry));
      } else if (const auto* end = std::get_if<daemon::LogsSent>(&message)) {
        PrintBehindLast(kept, again);
        if (end->dropped > 0 && !again) {
          terminal_.PrintWarning(fmt::format(
              "{} events were lost: caraveld was away or slow", end->dropped));
        }
        if (!question_.follow) return {};
        break;
      }
    }
    if (again) terminal_.PrintWarning("caraveld is up again");
    while (true) {
      const Result<daemon::FromAdmin> message =
          client.Receive(std::chrono::milliseconds(-1));
      if (!message) {
        terminal_.PrintWarning(
            "caraveld has ended; waiting for it to be up again");
        return {};
      }
      if (const auto* entry = std::get_if<daemon::LogEntry>(&*message)) {
        Print(*entry);
      }
    }
  }

 private:
  void PrintBehindLast(const std::vector<daemon::LogEntry>& entries,
                       bool again) {
    const auto last =
        std::find_if(entries.rbegin(), entries.rend(),
                     [this](const daemon::LogEntry& entry) {
                       return entry.event.request_id == last_printed_;
                     });
    auto entry = last == entries.rend() ? entries.begin() : last.base();
    for (; entry != entries.end(); ++entry) {
      // Before anything was printed, what is older was not asked for.
      const bool unasked =
          again && last_printed_.empty() && entry->event.time_ms < since_ms_;
      if (!unasked) Print(*entry);
    }
  }

  void Print(const daemon::LogEntry& entry) {
    last_printed_ = entry.event.request_id;
    terminal_.Print(LogText(terminal_, entry.worker, entry.event));
  }

  Terminal& terminal_;
  daemon::AskLogs question_;
  const double since_ms_ = std::chrono::duration<double, std::milli>(
                               base::SystemClock().Wall().time_since_epoch())
                               .count();
  bool connected_ = false;
  std::string last_printed_;  // its request's id; empty: none was
};

Result<int> RunLogs(Context& context, const Arguments& arguments) {
  CARAVEL_TRY(const daemon::DataFolder folder, FolderFrom(arguments));
  CARAVEL_TRY(std::unique_ptr<daemon::AdminClient> client,
              daemon::AdminClient::Connect(folder));
  LogPrinter printer(context.terminal,
                     {.worker = arguments.Text("WORKER").value_or(""),
                      .limit = arguments.Number("lines").value_or(100),
                      .follow = arguments.Has("follow")});
  while (true) {
    CARAVEL_TRY(printer.Run(*client));
    if (!arguments.Has("follow")) return 0;
    client.reset();
    while (client == nullptr) {
      std::this_thread::sleep_for(kReconnectInterval);
      Result<std::unique_ptr<daemon::AdminClient>> connected =
          daemon::AdminClient::Connect(folder);
      if (connected) client = std::move(*connected);
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
        "is counted (./caravel status) and has no entry. --follow goes on "
        "when\n"
        "caraveld ends and is started again.",
    .flags = kLogsFlags,
    .operands = kLogsOperands,
    .run = &RunLogs};

}  // namespace caravel::cli
