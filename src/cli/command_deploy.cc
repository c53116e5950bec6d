#include <boost/json.hpp>
#include <filesystem>

#include "cli/api_view.h"
#include "cli/commands.h"
#include "cli/project.h"
#include "cli/running.h"
#include "cli/temporary_folder.h"
#include "cli/wasm_adapter.h"
#include "cli/wrangler_run.h"
#include "daemon/client/files.h"

namespace caravel::cli {
namespace {

namespace fs = std::filesystem;

constexpr Flag kDeployFlags[] = {
    kAccountFlag,
    kDataFlag,
    {"env", Flag::Kind::kText, "NAME",
     "environment of the project's configuration"},
};
constexpr Operand kDeployOperands[] = {
    {"DIR", false,
     "a project's folder, or a .js, .ts or .wasm file; here unless said"}};

// wrangler wants a file: one that says no more than the script does.
Status WriteConfig(const Project& project, const std::string& path) {
  const boost::json::object config = {
      {"name", project.name},
      {"main", project.main},
      {"compatibility_date", project.compatibility_date}};
  return daemon::ReplaceFile(path, boost::json::serialize(config));
}

Result<int> RunDeploy(Context& context, const Arguments& arguments) {
  const std::string path =
      daemon::AbsolutePath(arguments.Text("DIR").value_or("."));
  CARAVEL_TRY(const daemon::RunInfo running, RunningFrom(arguments));
  CARAVEL_TRY(const ChosenAccount account,
              AccountForWrangler(running, arguments));
  const std::string config = ConfigOf(path);
  const std::optional<std::string> given = arguments.Text("env");
  const std::string environment = given.value_or("");
  if (!config.empty()) {
    CARAVEL_TRY(CheckEnvironment(config, environment));
    std::vector<std::string> words = {"deploy", "--config", config};
    // Also an empty one: that is how wrangler is told to take none.
    if (given) words.push_back("--env=" + environment);
    return RunWrangler(context, running, account,
                       fs::path(config).parent_path(), words);
  }
  CARAVEL_TRY(Project project, ReadProject(path, environment));
  CARAVEL_TRY(const TemporaryFolder temporary, TemporaryFolder::Make());
  CARAVEL_TRY(AdaptWasm(project, temporary.path()));
  const std::string written = temporary.path() + "/wrangler.json";
  CARAVEL_TRY(WriteConfig(project, written));
  return RunWrangler(context, running, account, project.folder,
                     {"deploy", "--config", written});
}

}  // namespace

const Command kDeployCommand{.name = "deploy",
                             .summary = "deploy one project",
                             .help =
                                 "Runs the pinned wrangler's deploy for the "
                                 "project in DIR and prints the\n"
                                 "address that really answers. Without a "
                                 "configuration file a script is\n"
                                 "enough: the Worker gets the file's or the "
                                 "folder's name. A .wasm file\n"
                                 "is a program for WASI that answers each "
                                 "request as a CGI program does.\n"
                                 "--env NAME deploys an environment of the "
                                 "configuration, as wrangler does. A build\n"
                                 "command of the project finds the esbuild and "
                                 "the Node that Caravel brings\n"
                                 "where PATH has none.\n\n"
                                 "`./caravel wrangler rollback --name NAME` "
                                 "goes back to the version\nthat had all "
                                 "requests before; a version's id behind "
                                 "`rollback` names another.",
                             .flags = kDeployFlags,
                             .operands = kDeployOperands,
                             .run = &RunDeploy};

}  // namespace caravel::cli
