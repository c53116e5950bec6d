// Three things run side by side, because a person waits: caraveld starts a
// host, esbuild bundles the project, and this process hands the one to the
// other.
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>

#include "base/random.h"
#include "cli/bundler.h"
#include "cli/commands.h"
#include "cli/dev_vars.h"
#include "cli/log_text.h"
#include "cli/project.h"
#include "cli/serve_session.h"
#include "cli/wasm_adapter.h"

namespace caravel::cli {
namespace {

constexpr Flag kServeFlags[] = {
    {"port", Flag::Kind::kNumber, "N",
     "where it answers; 8787 unless said, 0 takes a free one"},
    {"shards", Flag::Kind::kNumber, "N", "event loops; one a core unless said"},
    {"env", Flag::Kind::kText, "NAME",
     "environment of the project's configuration"},
    {"allow-egress", Flag::Kind::kList, "CIDR",
     "addresses that the worker may reach beside public ones"},
};
constexpr Operand kServeOperands[] = {
    {"DIR", true, "a project's folder, or a .js, .ts or .wasm file"}};

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

// The one Worker, which answers whatever name it is asked by.
registry::PublishedWorker ToPublish(const Project& project) {
  registry::Version version;
  version.id.value = base::RandomUuid();
  version.bundle_digest = base::RandomHex(32);  // kept nowhere, so any name
  version.compatibility_date = project.compatibility_date;
  version.compatibility_flags = project.compatibility_flags;
  version.bindings = project.vars;
  version.limits = project.limits;
  registry::PublishedWorker worker;
  worker.id.value = base::RandomHex(16);
  worker.account.value = std::string(32, '0');
  worker.name = project.name;
  worker.hosts = {"*"};
  worker.traffic = {{version.id, 10'000}};
  worker.versions = {std::move(version)};
  return worker;
}

Result<int> RunServe(Context& context, const Arguments& arguments) {
  const std::string environment = arguments.Text("env").value_or("");
  CARAVEL_TRY(Project project,
              ReadProject(*arguments.Text("DIR"), environment));
  CARAVEL_TRY(const std::string dev_vars, AddDevVars(environment, project));
  CARAVEL_TRY(
      const std::unique_ptr<ServeSession> session,
      ServeSession::Start(context.installation, CaraveldArguments(arguments)));
  CARAVEL_TRY(const TemporaryFolder adapted, TemporaryFolder::Make());
  CARAVEL_TRY(AdaptWasm(project, adapted.path()));
  CARAVEL_TRY(Bundler bundler, Bundler::Start(context.installation, project));
  CARAVEL_TRY(const std::string bundle, bundler.Finish());
  CARAVEL_TRY(session->Publish(ToPublish(project), bundle));
  CARAVEL_TRY(const std::string url, session->AwaitReady());
  if (!dev_vars.empty()) {
    context.terminal.Print("Secrets are those of " + dev_vars);
  }
  context.terminal.Print(fmt::format("{} answers at {}. Ctrl-C stops it.",
                                     project.name, context.terminal.Bold(url)));
  return session->RunUntilEnd([&](const daemon::LogEntry& entry) {
    context.terminal.Print(
        LogText(context.terminal, entry.worker, entry.event));
  });
}

}  // namespace

const Command kServeCommand{
    .name = "serve",
    .summary = "run one project, without a control plane",
    .help =
        "Bundles the project as wrangler would and serves it until it is\n"
        "stopped. Nothing is kept. Whatever host name it is asked by, the\n"
        "one Worker answers; what it logs is printed.\n\n"
        "Secrets come from the file .dev.vars beside the configuration, or\n"
        "from .dev.vars.NAME with --env NAME where there is one, as for\n"
        "wrangler dev.",
    .flags = kServeFlags,
    .operands = kServeOperands,
    .run = &RunServe};

}  // namespace caravel::cli
