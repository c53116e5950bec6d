#include "cli/wrangler_run.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <thread>

#include "base/lifetime.h"
#include "cli/api_client.h"
#include "cli/api_view.h"
#include "cli/plain_output.h"
#include "cli/project.h"
#include "cli/running.h"
#include "cli/temporary_folder.h"
#include "daemon/client/child_process.h"
#include "daemon/client/data_folder.h"
#include "daemon/client/files.h"
#include "registry/token.h"

namespace caravel::cli {
namespace {

// What wrangler tells in `output` of that type.
std::vector<boost::json::object> EntriesIn(std::string_view output,
                                           std::string_view type) {
  std::vector<boost::json::object> entries;
  while (!output.empty()) {
    const size_t end = std::min(output.find('\n'), output.size());
    boost::system::error_code error;
    boost::json::value entry = boost::json::parse({output.data(), end}, error);
    output.remove_prefix(std::min(end + 1, output.size()));
    if (!error && entry.is_object() && TextIn(entry, "type") == type) {
      entries.push_back(std::move(entry.get_object()));
    }
  }
  return entries;
}

}  // namespace

std::vector<std::string> DeployedWorkers(std::string_view output) {
  std::vector<std::string> names;
  for (const boost::json::object& entry : EntriesIn(output, "deploy")) {
    const auto* name = entry.if_contains("worker_name");
    const auto* targets = entry.if_contains("targets");
    // Without a target it is published and answers nowhere.
    const bool answers = targets != nullptr && targets->is_array() &&
                         !targets->get_array().empty();
    if (name != nullptr && answers && name->is_string()) {
      names.emplace_back(name->as_string());
    }
  }
  return names;
}

std::vector<std::string> PreviewUrls(std::string_view output) {
  std::vector<std::string> urls;
  for (const boost::json::object& entry : EntriesIn(output, "version-upload")) {
    for (const char* name : {"preview_url", "preview_alias_url"}) {
      const auto* url = entry.if_contains(name);
      if (url != nullptr && url->is_string()) {
        urls.emplace_back(url->as_string());
      }
    }
  }
  return urls;
}

namespace {

// Passes SIGTERM on to wrangler, which would else run on without us, until it
// is destroyed.
class TerminationRelay {
 public:
  // `signals`, taken before the child was started, and `child` outlive it.
  TerminationRelay(const base::Fd& signals, const daemon::ChildProcess& child,
                   base::Fd stop)
      : stop_(std::move(stop)), thread_([this, &signals, &child] {
          pollfd waits[] = {{signals.get(), POLLIN, 0},
                            {stop_.get(), POLLIN, 0}};
          while (waits[1].revents == 0) {
            if (::poll(waits, 2, -1) < 0 && errno != EINTR) return;
            signalfd_siginfo unused = {};
            if (waits[0].revents != 0 &&
                ::read(signals.get(), &unused, sizeof unused) > 0) {
              daemon::SignalProcess(child.pidfd, SIGTERM);
            }
          }
        }) {}
  ~TerminationRelay() {
    const uint64_t one = 1;
    [[maybe_unused]] const ssize_t written =
        ::write(stop_.get(), &one, sizeof one);
    thread_.join();
  }
  TerminationRelay(const TerminationRelay&) = delete;
  TerminationRelay& operator=(const TerminationRelay&) = delete;

 private:
  const base::Fd stop_;
  std::thread thread_;  // last: it uses the above
};

// SIGTERM as a descriptor, until it is destroyed.
class TakenTermination {
 public:
  static Result<TakenTermination> Take() {
    const sigset_t wanted = Wanted();
    ::sigprocmask(SIG_BLOCK, &wanted, nullptr);
    base::Fd fd(::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!fd.valid()) return ErrnoError("signalfd", errno);
    return TakenTermination(std::move(fd));
  }
  TakenTermination(TakenTermination&&) = default;
  ~TakenTermination() {
    const sigset_t wanted = Wanted();
    if (fd_.valid()) ::sigprocmask(SIG_UNBLOCK, &wanted, nullptr);
  }
  const base::Fd& fd() const CARAVEL_LIFETIME_BOUND { return fd_; }

 private:
  explicit TakenTermination(base::Fd fd) : fd_(std::move(fd)) {}
  static sigset_t Wanted() {
    sigset_t wanted;
    ::sigemptyset(&wanted);
    ::sigaddset(&wanted, SIGTERM);
    return wanted;
  }

  base::Fd fd_;
};

// wrangler colours its errors also where nobody can see it, and with NO_COLOR.
Result<daemon::Ending> RunToEnd(daemon::ChildOptions child, bool colours) {
  CARAVEL_TRY(const TakenTermination signals, TakenTermination::Take());
  base::Fd stop(::eventfd(0, EFD_CLOEXEC));
  if (!stop.valid()) return ErrnoError("eventfd", errno);
  if (colours) {
    CARAVEL_TRY(const daemon::ChildProcess process, daemon::StartChild(child));
    const TerminationRelay relay(signals.fd(), process, std::move(stop));
    return daemon::AwaitChild(process.pidfd);
  }
  CARAVEL_TRY(PlainErrors errors, PlainErrors::Make());
  child.fds.emplace_back(STDERR_FILENO, errors.write_end.get());
  CARAVEL_TRY(const daemon::ChildProcess process, daemon::StartChild(child));
  const TerminationRelay relay(signals.fd(), process, std::move(stop));
  return errors.CopyUntilEnd(process, STDERR_FILENO);
}

// When that Worker was last changed; empty: there is none. An error: nobody
// knows.
Result<std::string> ChangeOf(const daemon::RunInfo& running,
                             const ChosenAccount& account,
                             std::string_view worker) {
  CARAVEL_TRY(const boost::json::value workers,
              AskApi(running, "GET",
                     fmt::format("/accounts/{}/workers/scripts", account.id)));
  for (const boost::json::value& each : workers.as_array()) {
    if (TextIn(each, "id") == worker) return TextIn(each, "modified_on");
  }
  return std::string();
}

// wrangler sets routes, custom domains and cron triggers behind the upload, and
// of one that is refused says nothing of the code that answers by then.
void TellDeployed(Terminal& terminal, std::string_view worker) {
  terminal.PrintWarning(fmt::format(
      "{} is deployed all the same: requests that reach it get its new code. "
      "Not all of its routes, custom domains and cron triggers are set: mend "
      "what wrangler says, and deploy again",
      worker));
}

// Whether it answers at its own address, and not by routes alone. Where nobody
// knows, it does, as a Worker without routes.
bool HasAddress(const daemon::RunInfo& running, const ChosenAccount& account,
                std::string_view worker) {
  const Result<boost::json::value> state =
      AskApi(running, "GET",
             fmt::format("/accounts/{}/workers/scripts/{}/subdomain",
                         account.id, worker));
  if (!state || !state->is_object()) return true;
  const boost::json::value* enabled =
      state->get_object().if_contains("enabled");
  return enabled == nullptr || !enabled->is_bool() || enabled->get_bool();
}

// wrangler's own line has no port, and is there for routes alone too.
void TellAddress(Terminal& terminal, const daemon::RunInfo& running,
                 const ChosenAccount& account, const std::string& worker) {
  if (HasAddress(running, account, worker)) {
    terminal.Print(
        fmt::format("\n{} answers at {}", worker,
                    terminal.Bold(WorkerUrl(running, account, worker))));
    return;
  }
  terminal.Print(terminal.AsCalled(fmt::format(
      "\n{} has no address of its own: ./caravel status shows the routes that "
      "lead to it",
      worker)));
}

// wrangler takes it for granted that all is https.
void TellPreviews(Terminal& terminal, const daemon::RunInfo& running,
                  std::string_view output) {
  for (const std::string& url : PreviewUrls(output)) {
    if (url.find("://") == std::string::npos) continue;
    terminal.Print(fmt::format(
        "\nThe version answers at {}",
        terminal.Bold(running.http.substr(0, running.http.find("://")) +
                      url.substr(url.find("://")))));
  }
}

// What the caller has set; nothing where that is empty.
std::string_view SetByCaller(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

// A token of a Caravel that the caller has set; empty: none.
std::string_view TokenOfCaller() {
  const std::string_view token = SetByCaller("CLOUDFLARE_API_TOKEN");
  return token.starts_with(registry::kTokenPrefix) ? token : std::string_view();
}

bool IsForThisPlatform(const daemon::RunInfo& running) {
  const std::string_view api = SetByCaller("CLOUDFLARE_API_BASE_URL");
  return api.empty() || running.api == api;
}

// Whose token wrangler gets: that of the caller, where it is one of Caravel's.
std::string TokenFor(Terminal& terminal, const daemon::RunInfo& running) {
  const std::string_view token = TokenOfCaller();
  if (token.empty() || token == running.token) return running.token;
  if (IsForThisPlatform(running)) return std::string(token);
  terminal.PrintWarning(fmt::format(
      "CLOUDFLARE_API_TOKEN is not used: CLOUDFLARE_API_BASE_URL says that it "
      "is for {}, and this Caravel is {}",
      SetByCaller("CLOUDFLARE_API_BASE_URL"), running.api));
  return running.token;
}

// The words of a command line of wrangler, as far as they tell what it deploys.
struct WranglerWords {
  std::vector<std::string_view> operands;  // the first is the command
  std::map<std::string_view, std::string_view> flags;  // by name, with its --

  std::string_view Flag(std::string_view name) const {
    const auto flag = flags.find(name);
    return flag == flags.end() ? std::string_view() : flag->second;
  }
};

// Of all flags with a value these can stand before the command.
constexpr std::string_view kValueFlags[] = {"--config", "--cwd", "--env",
                                            "--env-file", "--name"};

WranglerWords Read(const std::vector<std::string>& words) {
  WranglerWords read;
  for (auto word = words.begin(); word != words.end(); ++word) {
    if (!word->starts_with('-')) {
      read.operands.push_back(*word);
      continue;
    }
    const size_t equals = word->find('=');
    std::string_view name = std::string_view(*word).substr(0, equals);
    if (name == "-c") name = "--config";
    if (name == "-e") name = "--env";
    if (std::ranges::find(kValueFlags, name) == std::end(kValueFlags)) continue;
    if (equals != std::string::npos) {
      read.flags[name] = std::string_view(*word).substr(equals + 1);
    } else if (std::next(word) != words.end()) {
      read.flags[name] = *++word;
    }
  }
  return read;
}

// The configuration that wrangler takes: of the folder, or the nearest above.
std::string ConfigAt(std::filesystem::path folder) {
  while (true) {
    std::string config = FindConfig(folder);
    if (!config.empty() || folder == folder.parent_path()) return config;
    folder = folder.parent_path();
  }
}

}  // namespace

std::string WorkerOf(const std::vector<std::string>& words,
                     const std::string& folder) {
  const WranglerWords read = Read(words);
  if (read.operands.empty() || read.operands[0] != "deploy") return {};
  if (const auto name = read.Flag("--name"); !name.empty()) {
    return std::string(name);
  }
  std::string_view environment = read.Flag("--env");
  if (!read.flags.contains("--env")) {
    environment = SetByCaller("CLOUDFLARE_ENV");
  }
  const std::filesystem::path place =
      daemon::AbsolutePath(folder.empty() ? "." : folder) /
      std::filesystem::path(read.Flag("--cwd"));
  if (const auto config = read.Flag("--config"); !config.empty()) {
    return NameIn(place / config, environment);
  }
  const bool has_script = read.operands.size() > 1;
  return NameIn(
      ConfigAt(has_script ? (place / read.operands[1]).parent_path() : place),
      environment);
}

Result<ChosenAccount> AccountForWrangler(const daemon::RunInfo& running,
                                         const Arguments& arguments) {
  const std::string_view token = TokenOfCaller();
  const std::string id(SetByCaller("CLOUDFLARE_ACCOUNT_ID"));
  if (arguments.Text("account") || token.empty() || token == running.token ||
      !IsForThisPlatform(running) || id.empty()) {
    return AccountOf(running, arguments);
  }
  return AccountNamed(running, id);
}

Result<int> RunWrangler(Context& context, const daemon::RunInfo& running,
                        const ChosenAccount& account, const std::string& folder,
                        const std::vector<std::string>& words) {
  const Installation& installation = context.installation;
  CARAVEL_TRY(CheckProgram("Node", installation.node));
  CARAVEL_TRY(CheckProgram("wrangler", installation.wrangler));
  CARAVEL_TRY(const TemporaryFolder temporary, TemporaryFolder::Make());
  const std::string output = temporary.path() + "/wrangler.ndjson";

  daemon::RunInfo acting = running;
  acting.token = TokenFor(context.terminal, running);
  auto variables = WranglerVariables(acting, account);
  // Else wrangler prefers these, which are Cloudflare's, to the token.
  variables.emplace_back("CLOUDFLARE_API_KEY", "");
  variables.emplace_back("CLOUDFLARE_EMAIL", "");
  variables.emplace_back("WRANGLER_OUTPUT_FILE_PATH", output);
  variables.emplace_back("PATH", PathWithTools(installation));
  // Of NO_COLOR it knows nothing, and Node warns where both are set.
  if (!context.terminal.colours()) {
    variables.emplace_back("FORCE_COLOR", "0");
    variables.emplace_back("NO_COLOR", "");
  }
  daemon::ChildOptions child;
  child.command = {installation.node, "--require", installation.keep_compiled,
                   installation.wrangler};
  child.command.insert(child.command.end(), words.begin(), words.end());
  child.environment = daemon::EnvironmentWith(variables);
  child.folder = folder;
  const std::string worker = WorkerOf(words, folder);
  const Result<std::string> before = worker.empty()
                                         ? Result<std::string>(std::string())
                                         : ChangeOf(running, account, worker);
  // Ctrl-C reaches wrangler as well, which ends as it likes; we tell how.
  ::signal(SIGINT, SIG_IGN);
  CARAVEL_TRY(const daemon::Ending ending,
              RunToEnd(std::move(child), context.terminal.error_colours()));
  if (ending.signal != 0) return 128 + ending.signal;

  if (!worker.empty() && before && ending.exit_code != 0) {
    const Result<std::string> after = ChangeOf(running, account, worker);
    if (after && *after != *before) TellDeployed(context.terminal, worker);
  }
  // Absent when wrangler had nothing to tell.
  const Result<std::string> told = daemon::ReadFile(output);
  if (told && ending.exit_code == 0) {
    for (const std::string& name : DeployedWorkers(*told)) {
      TellAddress(context.terminal, running, account, name);
    }
    TellPreviews(context.terminal, running, *told);
  }
  return ending.exit_code;
}

}  // namespace caravel::cli
