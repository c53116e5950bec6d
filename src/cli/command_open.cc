#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdlib>

#include "cli/api_view.h"
#include "cli/ask_status.h"
#include "cli/commands.h"
#include "cli/running.h"
#include "daemon/client/child_process.h"

namespace caravel::cli {
namespace {

namespace json = boost::json;

constexpr Flag kOpenFlags[] = {kAccountFlag, kDataFlag, kJsonFlag};
constexpr Operand kOpenOperands[] = {{"WORKER", true, "the name of a Worker"}};

// The program that opens URLs, by its path; empty: there is none.
std::string FindOpener() {
  const char* browser = std::getenv("BROWSER");
  std::string name = browser == nullptr ? "" : browser;
  if (name.empty()) name = "xdg-open";
  if (name.find('/') != std::string::npos) return name;
  const char* path = std::getenv("PATH");
  std::string_view folders = path == nullptr ? "" : path;
  while (!folders.empty()) {
    const size_t end = std::min(folders.find(':'), folders.size());
    const std::string file = fmt::format("{}/{}", folders.substr(0, end), name);
    if (::access(file.c_str(), X_OK) == 0) return file;
    folders.remove_prefix(std::min(end + 1, folders.size()));
  }
  return {};
}

Result<std::string> UrlOf(const Arguments& arguments, const std::string& name) {
  CARAVEL_TRY(const daemon::RunInfo running, RunningFrom(arguments));
  CARAVEL_TRY(const ChosenAccount account, AccountOf(running, arguments));
  CARAVEL_TRY(const daemon::DataFolder folder, FolderFrom(arguments));
  CARAVEL_TRY(const std::unique_ptr<daemon::AdminClient> client,
              daemon::AdminClient::Connect(folder));
  CARAVEL_TRY(const daemon::StatusReport report, AskStatus(*client));
  const auto worker =
      std::ranges::find_if(report.workers, [&](const auto& each) {
        return each.name == name && each.account.value == account.id;
      });
  if (worker == report.workers.end()) {
    return Error(ErrorCode::kNotFound,
                 fmt::format("Worker \"{}\" is not deployed", name))
        .Remedy("./caravel status lists those that are");
  }
  if (worker->url.empty()) {
    return Error(
               ErrorCode::kNotFound,
               worker->routes.empty()
                   ? fmt::format("Worker \"{}\" answers nowhere", name)
                   : fmt::format("Worker \"{}\" has no address of its own: it "
                                 "answers at {}",
                                 name, RoutesText(*worker)))
        .Remedy("set workers_dev to true in its configuration, and deploy it");
  }
  return worker->url;
}

Result<int> RunOpen(Context& context, const Arguments& arguments) {
  CARAVEL_TRY(const std::string url,
              UrlOf(arguments, arguments.Text("WORKER").value_or("")));
  if (arguments.Has("json")) {
    context.terminal.PrintJson(json::serialize(json::object{{"url", url}}));
    return 0;
  }
  context.terminal.Print(url);
  const std::string opener = FindOpener();
  if (opener.empty()) {
    context.terminal.PrintWarning(
        "no program was found that opens URLs: name one in BROWSER");
    return 0;
  }
  daemon::ChildOptions child;
  child.command = {opener, url};
  child.environment = daemon::EnvironmentWith({});
  CARAVEL_TRY(const daemon::ChildProcess process, daemon::StartChild(child));
  CARAVEL_TRY(const daemon::Ending ending, daemon::AwaitChild(process.pidfd));
  if (ending.signal == 0 && ending.exit_code == 0) return 0;
  return Error(ErrorCode::kInternal,
               fmt::format("{} {}: {}", opener, url, ending.ToText()))
      .Remedy("open the URL yourself, or name another program in BROWSER");
}

}  // namespace

const Command kOpenCommand{
    .name = "open",
    .summary = "open a Worker's URL in the browser",
    .help =
        "Prints the URL at which the Worker answers, and opens it by the "
        "program that $BROWSER names, else by xdg-open.",
    .flags = kOpenFlags,
    .operands = kOpenOperands,
    .run = &RunOpen};

}  // namespace caravel::cli
