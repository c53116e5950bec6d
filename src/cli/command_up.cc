#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "cli/commands.h"
#include "cli/running.h"
#include "cli/watcher.h"
#include "daemon/client/files.h"

namespace caravel::cli {
namespace {

constexpr Flag kUpFlags[] = {
    {"port", Flag::Kind::kNumber, "N",
     "where workers answer; as last time in this data folder unless said, "
     "8787 the first time; 0 takes a free one"},
    {"api-port", Flag::Kind::kNumber, "N",
     "where the API answers; as last time unless said, 8788 the first time"},
    kDataFlag,
    {"config", Flag::Kind::kText, "FILE",
     "TOML file with further settings (caraveld --help lists them)"},
    {"domain", Flag::Kind::kText, "NAME",
     "workers also answer under NAME.SUBDOMAIN.DOMAIN"},
    {"shards", Flag::Kind::kNumber, "N", "event loops; one a core unless said"},
    {"allow-egress", Flag::Kind::kList, "CIDR",
     "addresses that workers may reach beside public ones: a range such as "
     "10.1.0.0/16, or one address"},
    {"trusted-proxies", Flag::Kind::kList, "CIDR",
     "proxies that are believed who the client is, by X-Forwarded-For: a range "
     "or one address"},
    {"detach", Flag::Kind::kSwitch, "", "return once it runs"},
    kJsonFlag,
};

std::string Summary(const daemon::RunInfo& info, const Terminal& terminal,
                    std::string_view headline) {
  const daemon::DataFolder folder(info.data);
  const std::string data = daemon::DataOption(info.data);
  std::string text =
      fmt::format("{}\n  Workers  {}\n  API      {}\n", terminal.Bold(headline),
                  WorkerUrl(info, "NAME"), info.api);
  if (info.problem.empty()) {
    text += fmt::format("  Token    {}\n  Account  {}\n", info.token,
                        info.account_id);
  }
  text += fmt::format("  State    {}\n  Log      {}\n\n", info.data,
                      folder.own_log());
  if (info.problem.empty()) {
    text += fmt::format(
        "Make a project    ./caravel init DIR\n"
        "Deploy a project  ./caravel deploy DIR{}\n"
        "Use wrangler      eval \"$(./caravel env{})\" && npx wrangler "
        "deploy\n",
        data, data);
  }
  return text + "Stop              ./caravel down" + data +
         " (up takes the same ports again)";
}

void Announce(Context& context, const Arguments& arguments,
              const daemon::RunInfo& info, std::string_view headline) {
  if (!info.problem.empty()) context.terminal.PrintWarning(info.problem);
  if (arguments.Has("json")) {
    return context.terminal.PrintJson(daemon::RunInfoJson(info));
  }
  context.terminal.Print(
      context.terminal.AsCalled(Summary(info, context.terminal, headline)));
}

std::vector<std::string> CaraveldCommand(const Context& context,
                                         const Arguments& arguments,
                                         const daemon::DataFolder& folder) {
  std::vector<std::string> command = {context.installation.caraveld,
                                      "--data=" + folder.path()};
  for (const char* name : {"config", "domain", "shards", "port", "api-port"}) {
    if (const std::optional<std::string> text = arguments.Text(name)) {
      command.push_back(fmt::format("--{}={}", name, *text));
    }
  }
  for (const char* name : {"allow-egress", "trusted-proxies"}) {
    for (const std::string& range : arguments.List(name)) {
      command.push_back(fmt::format("--{}={}", name, range));
    }
  }
  return command;
}

Result<base::Fd> OpenOwnLog(const daemon::DataFolder& folder) {
  CARAVEL_TRY(daemon::MakeFolder(folder.logs()));
  base::Fd file(::open(folder.own_log().c_str(),
                       O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (file.valid()) return file;
  return ErrnoError("open the log " + folder.own_log(), errno)
      .Remedy(
          "the data folder must be on a disk with room, and writable by "
          "this user; or use another one (--data DIR)");
}

Error LostCaraveld(Error error, const daemon::DataFolder& folder) {
  if (!error.remedy().empty()) return error;
  return std::move(error).Remedy("its log: " + folder.own_log());
}

Result<int> UpInForeground(Context& context, const Arguments& arguments,
                           const daemon::DataFolder& folder, Watcher& watcher) {
  Status ended = watcher.Run([&](const daemon::RunInfo& info) {
    Announce(context, arguments, info, "Caravel is up. Ctrl-C stops it.");
  });
  if (!ended) return LostCaraveld(std::move(ended).error(), folder);
  return 0;
}

// The line that the watcher in the background sends: a RunInfo or an Error.
Result<daemon::RunInfo> ReadWatchersLine(const base::Fd& pipe) {
  std::string line;
  char buffer[4096];
  while (!line.ends_with('\n')) {
    const ssize_t size = ::read(pipe.get(), buffer, sizeof buffer);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) {
      return Error(ErrorCode::kInternal,
                   "the process in the background ended without a word");
    }
    line.append(buffer, static_cast<size_t>(size));
  }
  return daemon::ParseReadyLine(line);
}

// What the process in the background does; does not return.
[[noreturn]] void WatchInBackground(Watcher& watcher, base::Fd pipe,
                                    const base::Fd& own_log) {
  ::setsid();
  const base::Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  ::dup2(null.get(), STDIN_FILENO);
  ::dup2(own_log.get(), STDOUT_FILENO);
  ::dup2(own_log.get(), STDERR_FILENO);
  const auto tell = [&pipe](const std::string& line) {
    [[maybe_unused]] const ssize_t ignored =
        ::write(pipe.get(), line.data(), line.size());
    pipe.Reset();
  };
  const Status ended = watcher.Run(
      [&](const daemon::RunInfo& info) { tell(daemon::ReadyLine(info)); });
  if (!ended && pipe.valid()) tell(daemon::FailedLine(ended.error()));
  ::_exit(ended ? 0 : 1);
}

Result<int> UpDetached(Context& context, const Arguments& arguments,
                       const daemon::DataFolder& folder, Watcher& watcher,
                       const base::Fd& own_log) {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) return ErrnoError("pipe", errno);
  const base::Fd read_end(ends[0]);
  base::Fd write_end(ends[1]);
  const pid_t pid = ::fork();
  if (pid < 0) return ErrnoError("fork", errno);
  if (pid == 0) {
    WatchInBackground(watcher, std::move(write_end), own_log);
  }
  write_end.Reset();
  Result<daemon::RunInfo> info = ReadWatchersLine(read_end);
  if (!info) return LostCaraveld(std::move(info).error(), folder);
  Announce(context, arguments, *info, "Caravel is up.");
  return 0;
}

// The settings among the flags that are not known of what runs.
std::string SettingsNotApplied(const Arguments& arguments) {
  std::string given;
  for (const char* name :
       {"config", "domain", "shards", "allow-egress", "trusted-proxies"}) {
    if (!arguments.Has(name)) continue;
    if (!given.empty()) given += ", ";
    given += fmt::format("--{}", name);
  }
  return given;
}

// Refuses ports other than those of what runs: who gave them goes on to use
// them.
Status CheckPortsRun(const Arguments& arguments,
                     const daemon::RunInfo& running) {
  std::string wanted;
  const auto check = [&](std::string_view name, const std::string& url) {
    const std::optional<unsigned> port = arguments.Number(name);
    if (!port) return true;
    wanted += fmt::format(" --{} {}", name, *port);
    return *port == 0 || *port == PortOf(url);
  };
  const bool workers_run = check("port", running.http);
  const bool api_runs = check("api-port", running.api);
  if (workers_run && api_runs) return {};
  const std::string data = daemon::DataOption(running.data);
  return Error(ErrorCode::kConflict,
               fmt::format("Caravel is up already on {}, with Workers at port "
                           "{} and the API at port {}",
                           running.data, PortOf(running.http),
                           PortOf(running.api)))
      .Remedy(
          fmt::format("to change that: ./caravel down{} && ./caravel up{}{}",
                      data, data, wanted));
}

Result<int> UpAlready(Context& context, const Arguments& arguments,
                      const daemon::RunInfo& running) {
  CARAVEL_TRY(CheckPortsRun(arguments, running));
  const std::string ignored = SettingsNotApplied(arguments);
  if (!ignored.empty()) {
    context.terminal.PrintWarning(context.terminal.AsCalled(fmt::format(
        "Caravel is up already, as it was started: {} change{} nothing.\n"
        "To apply: ./caravel down{}, then up again.",
        ignored, ignored.find(',') == std::string::npos ? "s" : "",
        daemon::DataOption(running.data))));
  }
  Announce(context, arguments, running, "Caravel is up already.");
  return 0;
}

// The data folder of a start that made it and came to nothing. Its lock tells
// that no other start has taken it meanwhile.
void RemoveUnused(const daemon::DataFolder& folder) {
  const Result<base::Fd> lock = daemon::TakeDataFolder(folder);
  std::error_code ignored;
  if (lock) std::filesystem::remove_all(folder.path(), ignored);
}

Result<int> RunUp(Context& context, const Arguments& arguments) {
  CARAVEL_TRY(const daemon::DataFolder folder, FolderFrom(arguments));
  if (const Result<daemon::RunInfo> running = daemon::FindRunning(folder)) {
    return UpAlready(context, arguments, *running);
  }
  CARAVEL_TRY(CheckProgram("caraveld", context.installation.caraveld));
  std::error_code unknown;
  const bool was_there = std::filesystem::exists(folder.path(), unknown);
  CARAVEL_TRY(const base::Fd own_log, OpenOwnLog(folder));
  const base::SystemClock clock;
  base::FdLog log(own_log.get(), base::LogFormat::kText, base::LogLevel::kInfo,
                  clock);
  Watcher watcher({.command = CaraveldCommand(context, arguments, folder),
                   .log_fd = own_log.get()},
                  clock, log);
  Result<int> ended =
      arguments.Has("detach")
          ? UpDetached(context, arguments, folder, watcher, own_log)
          : UpInForeground(context, arguments, folder, watcher);
  // A port in use, of which the log says no more.
  if (!ended && ended.error().code() == ErrorCode::kConflict && !was_there &&
      !watcher.was_ready()) {
    RemoveUnused(folder);
  }
  return ended;
}

}  // namespace

const Command kUpCommand{
    .name = "up",
    .summary = "start the platform",
    .help =
        "Starts caraveld, the part that keeps what is published and answers "
        "the\n"
        "API, and with it the hosts in which workers run. Prints the API's\n"
        "address and token and how to deploy. Stays in the foreground and "
        "starts\n"
        "caraveld again when it dies; --detach leaves that to a process in "
        "the\n"
        "background. Where it is up already, it says so and prints the same;\n"
        "with other ports that is an error.",
    .flags = kUpFlags,
    .operands = {},
    .run = &RunUp};

}  // namespace caravel::cli
