#include <algorithm>
#include <thread>
#include <utility>

#include "cli/api_view.h"
#include "cli/commands.h"
#include "cli/log_flags.h"
#include "cli/log_text.h"
#include "cli/running.h"
#include "daemon/client/admin_client.h"

namespace caravel::cli {
namespace {

constexpr Flag kLogsFlags[] = {
    {"follow", Flag::Kind::kSwitch, "", "go on with new ones as they come",
     'f'},
    {"lines", Flag::Kind::kNumber, "N", "how many of the kept ones; 100", 'n'},
    kOutcomeFlag,
    kStatusFlag,
    kSearchFlag,
    kIdFlag,
    kVersionIdFlag,
    kSinceFlag,
    kUntilFlag,
    {"account", Flag::Kind::kText, "NAME",
     "of this account, by name, subdomain or id; else of all"},
    kDataFlag,
    {"json", Flag::Kind::kSwitch, "",
     "print a JSON object a line, as wrangler tail --format json has them"},
};
constexpr unsigned kDefaultLines = 100;
constexpr Operand kLogsOperands[] = {
    {"WORKER", false, "a Worker's name; all Workers unless said"}};

constexpr std::chrono::milliseconds kAnswerLimit{10'000};
constexpr std::chrono::milliseconds kFirstPause{100};
constexpr std::chrono::milliseconds kLongestPause{5'000};

// Prints entries, and after a lost connection goes on behind the last one.
class LogPrinter {
 public:
  LogPrinter(Terminal& terminal, daemon::AskLogs question, uint32_t lines,
             bool follow)
      : terminal_(terminal),
        question_(std::move(question)),
        unprinted_(lines),
        follow_(follow) {}

  // Until all that were asked for are printed or nobody reads them, or with
  // `follow` until the connection is lost. True: nothing is left to do.
  Result<bool> Run(daemon::AdminClient& client) {
    question_.wait = false;
    if (!begun_) CARAVEL_TRY(FindFirst(client));
    bool is_first_answer = true;
    do {
      client.Send(question_);
      Result<daemon::LogsSent> end = PrintAnswer(client);
      if (!end && follow_ && begun_ && !client.connected()) {
        terminal_.PrintWarning(
            fmt::format("the connection is lost: {}\n  Waiting for caraveld to "
                        "be up again.",
                        end.error().message()));
        return false;
      }
      CARAVEL_TRY(const daemon::LogsSent sent, std::move(end));
      if (std::exchange(is_first_answer, false)) TellConnected(sent);
      question_.after = sent.end;
      if (terminal_.reader_left()) return true;
      if (!follow_ && (!sent.more || unprinted_ == 0)) return true;
      question_.wait = follow_;
    } while (true);
  }

  bool has_printed() const { return has_printed_; }

 private:
  // Where the last of those begin that were asked for.
  Status FindFirst(daemon::AdminClient& client) {
    daemon::FindLogs question{.worker = question_.worker,
                              .account = question_.account,
                              .count = unprinted_,
                              .query = question_.query};
    while (true) {
      client.Send(question);
      CARAVEL_TRY(const daemon::FromAdmin message,
                  client.Receive(kAnswerLimit));
      const auto* found = std::get_if<daemon::LogsFound>(&message);
      if (found == nullptr) {
        return Error(ErrorCode::kInternal,
                     "caraveld answered with something else");
      }
      question_.after = found->after;
      if (!found->more) return {};
      question.before = found->before;
      question.count -= found->count;
    }
  }

  Result<daemon::LogsSent> PrintAnswer(daemon::AdminClient& client) {
    while (true) {
      CARAVEL_TRY(daemon::FromAdmin message,
                  client.Receive(question_.wait ? std::chrono::milliseconds(-1)
                                                : kAnswerLimit));
      if (auto* entry = std::get_if<daemon::LogEntry>(&message)) {
        Print(*entry);
      } else if (auto* sent = std::get_if<daemon::LogsSent>(&message)) {
        if (sent->gap) {
          terminal_.PrintWarning(
              "entries are missing above: older ones were removed to make "
              "room before they could be shown");
        }
        return *sent;
      }
    }
  }

  void Print(const daemon::LogEntry& entry) {
    if (!follow_ && unprinted_ == 0) return;  // came meanwhile
    if (!follow_) --unprinted_;
    has_printed_ = true;
    if (question_.json) return terminal_.PrintJson(entry.json);
    terminal_.Print(LogText(terminal_, entry.worker, entry.event));
    question_.after = std::max(question_.after, entry.position);
  }

  void TellConnected(const daemon::LogsSent& sent) {
    if (std::exchange(begun_, true)) {
      terminal_.PrintWarning("caraveld is up again");
    } else if (sent.dropped > 0) {
      terminal_.PrintWarning(fmt::format(
          "{} events were lost: caraveld was away or slow", sent.dropped));
    }
  }

  Terminal& terminal_;
  daemon::AskLogs question_;
  uint32_t unprinted_;  // of those asked for
  const bool follow_;
  bool begun_ = false;        // a question has been answered
  bool has_printed_ = false;  // an entry
};

// Waits longer each time: a caraveld that cannot start is not helped by more.
std::unique_ptr<daemon::AdminClient> ConnectAgain(
    const daemon::DataFolder& folder) {
  std::chrono::milliseconds pause = kFirstPause;
  while (true) {
    std::this_thread::sleep_for(pause);
    Result<std::unique_ptr<daemon::AdminClient>> client =
        daemon::AdminClient::Connect(folder);
    if (client) return std::move(*client);
    pause = std::min(2 * pause, kLongestPause);
  }
}

Result<int> RunLogs(Context& context, const Arguments& arguments) {
  CARAVEL_TRY(const daemon::DataFolder folder, FolderFrom(arguments));
  CARAVEL_TRY(std::unique_ptr<daemon::AdminClient> client,
              daemon::AdminClient::Connect(folder));
  const bool follow = arguments.Has("follow");
  std::string account;
  if (arguments.Has("account")) {
    CARAVEL_TRY(const daemon::RunInfo running, RunningFrom(arguments));
    CARAVEL_TRY(ChosenAccount chosen, AccountOf(running, arguments));
    account = std::move(chosen.id);
  }
  CARAVEL_TRY(registry::LogQuery query,
              LogQueryFrom(arguments, std::chrono::system_clock::now()));
  LogPrinter printer(
      context.terminal,
      daemon::AskLogs{.worker = arguments.Text("WORKER").value_or(""),
                      .account = std::move(account),
                      .json = arguments.Has("json"),
                      .query = std::move(query)},
      arguments.Number("lines").value_or(kDefaultLines), follow);
  while (true) {
    CARAVEL_TRY(const bool done, printer.Run(*client));
    if (done) {
      if (!printer.has_printed() && !arguments.Has("json")) {
        context.terminal.PrintNote(
            "No entry matches. A request that succeeded without a line of its "
            "Worker's has none.");
      }
      return 0;
    }
    client = ConnectAgain(folder);
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
        "caraveld ends and is started again.\n"
        "\n"
        "Flags that say which entries are wanted hold together:\n"
        "  caravel logs shop --outcome exception --since 2h\n"
        "  caravel logs --id 83f1c40aa6e2d917",
    .flags = kLogsFlags,
    .operands = kLogsOperands,
    .run = &RunLogs};

}  // namespace caravel::cli
