// Three things run side by side, because a person waits: caraveld starts a
// host, esbuild bundles the projects, and this process hands the one to the
// other.
#include <algorithm>
#include <chrono>
#include <thread>

#include "cli/commands.h"
#include "cli/log_text.h"
#include "cli/serve_session.h"
#include "cli/served_project.h"

namespace caravel::cli {
namespace {

constexpr Flag kServeFlags[] = {
    {"port", Flag::Kind::kNumber, "N",
     "where it answers; 8787 unless said, 0 takes a free one"},
    {"shards", Flag::Kind::kNumber, "N", "event loops; one a core unless said"},
    {"env", Flag::Kind::kText, "NAME",
     "environment of the project's configuration"},
    {"allow-egress", Flag::Kind::kList, "CIDR",
     "addresses that the worker may reach beside public ones: a range such as "
     "10.1.0.0/16, or one address"},
};
constexpr Operand kServeOperands[] = {
    {"DIR", false,
     "a project's folder, or a .js, .ts or .wasm file; here unless said",
     /*several=*/true}};

std::vector<std::string> CaraveldArguments(const Arguments& arguments) {
  std::vector<std::string> words;
  for (const char* name : {"port", "shards"}) {
    if (const std::optional<std::string> text = arguments.Text(name)) {
      words.push_back(fmt::format("--{}={}", name, *text));
    }
  }
  for (const std::string& range : arguments.List("allow-egress")) {
    words.push_back("--allow-egress=" + range);
  }
  return words;
}

// Saving several files at once comes as one change.
constexpr std::chrono::milliseconds kSettle{10};

Result<int> RunServe(Context& context, const Arguments& arguments) {
  CARAVEL_TRY(
      const std::unique_ptr<ServeSession> session,
      ServeSession::Start(context.installation, CaraveldArguments(arguments)));
  std::vector<std::string> paths = arguments.List("DIR");
  if (paths.empty()) paths.emplace_back(".");
  const std::string environment = arguments.Text("env").value_or("");
  ServedProject::All projects;
  for (const std::string& path : paths) {
    // No edit is going to mend what was said here.
    if (const std::string config = ConfigOf(path); !config.empty()) {
      CARAVEL_TRY(CheckEnvironment(config, environment));
    }
    CARAVEL_TRY(
        std::unique_ptr<ServedProject> project,
        ServedProject::Make(context, *session, projects, path, environment));
    projects.push_back(std::move(project));
  }
  std::vector<int> watched;
  for (const auto& project : projects) {
    CARAVEL_TRY(project->ReadName());
    for (const int fd : project->watched()) watched.push_back(fd);
  }
  for (const auto& project : projects) CARAVEL_TRY(project->Start());
  std::string url;
  // Not before all do: they may call each other.
  const auto tell_answering = [&] {
    if (!std::ranges::all_of(
            projects, [](const auto& project) { return project->answers(); })) {
      return;
    }
    for (const auto& project : projects) project->TellAnswering(url);
  };
  return session->RunUntilEnd(
      {.log =
           [&](const daemon::LogEntry& entry) {
             context.terminal.Print(
                 LogText(context.terminal, entry.worker, entry.event));
           },
       .listening = [&](const std::string& at) { url = at; },
       .served =
           [&](const std::string& version) {
             for (const auto& project : projects) {
               if (project->OnServed(version)) break;
             }
             tell_answering();
           },
       .refused =
           [&](const std::string& version, const Error& error) {
             for (const auto& project : projects) {
               if (project->OnRefused(version, error)) break;
             }
           },
       .changed =
           [&] {
             std::this_thread::sleep_for(kSettle);
             for (const auto& project : projects) project->PublishChanges();
           },
       .watched = std::move(watched)});
}

}  // namespace

const Command kServeCommand{
    .name = "serve",
    .summary = "run projects, without a control plane",
    .help =
        "Runs the project's build command, bundles it as wrangler would, and\n"
        "serves it until it is stopped. Nothing is kept but entries of KV, in\n"
        ".caravel/state of the first project. What the Worker logs is "
        "printed.\n"
        "An edit answers in about a tenth of a second, and no request is lost\n"
        "over it; one that cannot start is told, and the version before goes\n"
        "on. Until the first has started, requests are answered with what is\n"
        "wrong.\n\n"
        "Of several projects each is a Worker:\n\n"
        "  ./caravel serve web quotes\n\n"
        "The first answers whatever host name it is asked by, the others at\n"
        "http://NAME.localhost:PORT. Service bindings among them work; a call\n"
        "of a Worker that is not served here fails and says so.\n\n"
        "A scheduled handler is called by a request of\n"
        "/cdn-cgi/handler/scheduled?cron=*+*+*+*+*, with &time=MS for another\n"
        "time than now.\n\n"
        "Secrets come from the file .dev.vars beside the configuration, or\n"
        "from .dev.vars.NAME with --env NAME where there is one; without\n"
        "either from .env, .env.local, .env.NAME and .env.NAME.local, later\n"
        "ones first, as for wrangler dev.",
    .flags = kServeFlags,
    .operands = kServeOperands,
    .run = &RunServe};

}  // namespace caravel::cli
