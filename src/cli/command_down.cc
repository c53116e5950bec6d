#include <poll.h>

#include "cli/commands.h"
#include "cli/running.h"
#include "daemon/client/admin_client.h"
#include "daemon/client/child_process.h"

namespace caravel::cli {
namespace {

constexpr Flag kDownFlags[] = {
    kDataFlag,
    {"now", Flag::Kind::kSwitch, "", "do not wait for requests that run"},
};

// Above what hosts are granted to finish.
constexpr std::chrono::milliseconds kLongestStop{20'000};

Result<int> RunDown(Context& context, const Arguments& arguments) {
  CARAVEL_TRY(const daemon::DataFolder folder, FolderFrom(arguments));
  Result<daemon::RunInfo> found = daemon::FindRunning(folder);
  if (!found && found.error().code() == ErrorCode::kNotFound) {
    context.terminal.Print(fmt::format(
        "Caravel is not up on {}: there is nothing to stop", folder.path()));
    return 0;
  }
  CARAVEL_TRY(const daemon::RunInfo running, std::move(found));
  CARAVEL_TRY(const base::Fd process,
              daemon::FindProcess(running.pid, running.start_time));
  CARAVEL_TRY(const std::unique_ptr<daemon::AdminClient> client,
              daemon::AdminClient::Connect(folder));
  client->Send(daemon::AskStop{.at_once = arguments.Has("now")});
  CARAVEL_TRY(client->Receive(std::chrono::seconds(5)));
  pollfd ended = {process.get(), POLLIN, 0};
  if (::poll(&ended, 1, static_cast<int>(kLongestStop.count())) == 0) {
    return Error(ErrorCode::kUnavailable,
                 fmt::format("caraveld (process {}) still runs {} s after it "
                             "was asked to end",
                             running.pid, kLongestStop.count() / 1000))
        .Remedy(fmt::format("end it by force: kill -9 {}", running.pid));
  }
  context.terminal.Print("Caravel is down. State stays in " + folder.path());
  return 0;
}

}  // namespace

const Command kDownCommand{
    .name = "down",
    .summary = "stop the platform",
    .help =
        "Takes no new connections, lets requests that run come to their end\n"
        "(10 seconds at most), and stops hosts and caraveld. What is\n"
        "published stays in the data folder. Where it is not up, it says so, "
        "and\n"
        "that is no error.",
    .flags = kDownFlags,
    .operands = {},
    .run = &RunDown};

}  // namespace caravel::cli
