#include "cli/wrangler_run.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <map>

#include "cli/api_client.h"
#include "cli/api_view.h"
#include "cli/plain_output.h"
#include "cli/running.h"
#include "cli/temporary_folder.h"
#include "daemon/client/child_process.h"
#include "daemon/client/files.h"

namespace caravel::cli {

std::vector<std::string> DeployedWorkers(std::string_view output) {
  std::vector<std::string> names;
  while (!output.empty()) {
    const size_t end = std::min(output.find('\n'), output.size());
    boost::system::error_code error;
    const boost::json::value entry =
        boost::json::parse({output.data(), end}, error);
    output.remove_prefix(std::min(end + 1, output.size()));
    const boost::json::object* object = error ? nullptr : entry.if_object();
    if (object == nullptr) continue;
    const auto* type = object->if_contains("type");
    const auto* name = object->if_contains("worker_name");
    const auto* targets = object->if_contains("targets");
    // Without a target it is published and answers nowhere.
    const bool answers = targets != nullptr && targets->is_array() &&
                         !targets->get_array().empty();
    if (type != nullptr && name != nullptr && *type == "deploy" && answers &&
        name->is_string()) {
      names.emplace_back(name->as_string());
    }
  }
  return names;
}

namespace {

// wrangler colours its errors also where nobody can see it, and with NO_COLOR.
Result<daemon::Ending> RunToEnd(daemon::ChildOptions child, bool colours) {
  if (colours) {
    CARAVEL_TRY(const daemon::ChildProcess process, daemon::StartChild(child));
    return daemon::AwaitChild(process.pidfd);
  }
  CARAVEL_TRY(PlainErrors errors, PlainErrors::Make());
  child.fds.emplace_back(STDERR_FILENO, errors.write_end.get());
  CARAVEL_TRY(const daemon::ChildProcess process, daemon::StartChild(child));
  return errors.CopyUntilEnd(process, STDERR_FILENO);
}

// By Worker, when it was last changed. An error: nobody knows.
using Changes = std::map<std::string, std::string>;
Result<Changes> ChangesOf(const daemon::RunInfo& running,
                          const ChosenAccount& account) {
  CARAVEL_TRY(const boost::json::value workers,
              AskApi(running, "GET",
                     fmt::format("/accounts/{}/workers/scripts", account.id)));
  Changes changes;
  for (const boost::json::value& worker : workers.as_array()) {
    changes[TextIn(worker, "id")] = TextIn(worker, "modified_on");
  }
  return changes;
}

// wrangler sets routes, custom domains and cron triggers behind the upload, and
// of one that is refused says nothing of the code that answers by then.
void TellDeployed(Terminal& terminal, const Changes& before,
                  const Changes& after) {
  for (const auto& [worker, changed] : after) {
    const auto known = before.find(worker);
    if (known != before.end() && known->second == changed) continue;
    terminal.PrintWarning(fmt::format(
        "{} is deployed all the same: its new code takes requests. Not all of "
        "its routes, custom domains and cron triggers are set: mend what "
        "wrangler says, and deploy again",
        worker));
  }
}

bool Deploys(const std::vector<std::string>& words) {
  const auto command = std::ranges::find_if(words, [](const std::string& word) {
    return word == "deploy" || word == "publish";
  });
  // Of `versions deploy` and `triggers deploy` the first word is another.
  return command != words.end() &&
         std::ranges::none_of(words, [](const std::string& word) {
           return word == "versions" || word == "triggers";
         });
}

}  // namespace

Result<int> RunWrangler(Context& context, const daemon::RunInfo& running,
                        const ChosenAccount& account, const std::string& folder,
                        const std::vector<std::string>& words) {
  const Installation& installation = context.installation;
  CARAVEL_TRY(CheckProgram("Node", installation.node));
  CARAVEL_TRY(CheckProgram("wrangler", installation.wrangler));
  CARAVEL_TRY(const TemporaryFolder temporary, TemporaryFolder::Make());
  const std::string output = temporary.path() + "/wrangler.ndjson";

  auto variables = WranglerVariables(running, account);
  variables.emplace_back("WRANGLER_OUTPUT_FILE_PATH", output);
  variables.emplace_back("PATH", PathWithTools(installation));
  // Of NO_COLOR it knows nothing, and Node warns where both are set.
  if (!context.terminal.colours()) {
    variables.emplace_back("FORCE_COLOR", "0");
    variables.emplace_back("NO_COLOR", "");
  }
  daemon::ChildOptions child;
  child.command = {installation.node, installation.wrangler};
  child.command.insert(child.command.end(), words.begin(), words.end());
  child.environment = daemon::EnvironmentWith(variables);
  child.folder = folder;
  const bool deploys = Deploys(words);
  const Result<Changes> before =
      deploys ? ChangesOf(running, account) : Result<Changes>(Changes());
  // Ctrl-C reaches wrangler as well, which ends as it likes; we tell how.
  ::signal(SIGINT, SIG_IGN);
  CARAVEL_TRY(const daemon::Ending ending,
              RunToEnd(std::move(child), context.terminal.error_colours()));
  if (ending.signal != 0) return 128 + ending.signal;

  if (deploys && before && ending.exit_code != 0) {
    const Result<Changes> after = ChangesOf(running, account);
    if (after) TellDeployed(context.terminal, *before, *after);
  }
  // Absent when wrangler had nothing to tell.
  const Result<std::string> told = daemon::ReadFile(output);
  if (told && ending.exit_code == 0) {
    for (const std::string& name : DeployedWorkers(*told)) {
      context.terminal.Print(fmt::format(
          "\n{} answers at {}", name,
          context.terminal.Bold(WorkerUrl(running, account, name))));
    }
  }
  return ending.exit_code;
}

}  // namespace caravel::cli
