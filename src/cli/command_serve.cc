// Three things run side by side, because a person waits: caraveld starts a
// host, esbuild bundles the project, and this process hands the one to the
// other.
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <thread>

#include "base/random.h"
#include "cli/bundler.h"
#include "cli/commands.h"
#include "cli/dev_vars.h"
#include "cli/log_text.h"
#include "cli/project.h"
#include "cli/project_build.h"
#include "cli/project_watch.h"
#include "cli/serve_session.h"
#include "cli/wasm_adapter.h"
#include "daemon/client/files.h"

namespace caravel::cli {
namespace {

namespace fs = std::filesystem;

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

// Saving several files at once comes as one change.
constexpr std::chrono::milliseconds kSettle{10};

// The one Worker, which answers whatever name it is asked by.
registry::PublishedWorker ToPublish(const Project& project,
                                    const registry::WorkerId& id) {
  registry::Version version;
  version.id.value = base::RandomUuid();
  version.bundle_digest = base::RandomHex(32);  // kept nowhere, so any name
  version.compatibility_date = project.compatibility_date;
  version.compatibility_flags = project.compatibility_flags;
  version.bindings = project.vars;
  version.bindings.insert(version.bindings.end(), project.services.begin(),
                          project.services.end());
  version.bindings.insert(version.bindings.end(), project.namespaces.begin(),
                          project.namespaces.end());
  version.bindings.insert(version.bindings.end(), project.rate_limits.begin(),
                          project.rate_limits.end());
  if (!project.asset_binding.empty()) {
    version.bindings.push_back({.name = project.asset_binding,
                                .type = registry::BindingType::kAssets,
                                .text = {}});
  }
  if (!project.version_metadata.empty()) {
    version.bindings.push_back(
        {.name = project.version_metadata,
         .type = registry::BindingType::kVersionMetadata,
         .text = base::FormatTime(base::SystemClock().Wall())});
  }
  version.limits = project.limits;
  registry::PublishedWorker worker;
  worker.id = id;
  worker.account.value = std::string(32, '0');
  worker.name = project.name;
  worker.hosts = {"*"};
  worker.traffic = {{version.id, 10'000}};
  worker.versions = {std::move(version)};
  return worker;
}

// Of a project of assets alone: what answers where none of them does.
Status StandInForCode(Project& project, const std::string& folder) {
  if (!project.main.empty()) return {};
  project.main = folder + "/index.js";
  return daemon::ReplaceFile(
      project.main,
      "export default {\n"
      "  fetch: () => new Response(null, { status: 404 }),\n"
      "};\n");
}

// Path, size and date of each file below `folder`.
std::string ListingOf(const std::string& folder) {
  std::string listing;
  std::error_code error;
  fs::recursive_directory_iterator entry(
      folder, fs::directory_options::follow_directory_symlink, error);
  for (; !error && entry != fs::end(entry); entry.increment(error)) {
    std::error_code unknown;
    if (!entry->is_regular_file(unknown)) continue;
    listing += fmt::format(
        "{}\n{} {}\n", entry->path().string(), entry->file_size(unknown),
        entry->last_write_time(unknown).time_since_epoch().count());
  }
  return listing;
}

// All that is handed over, but for what is new each time.
std::string ContentOf(daemon::ServeEdit edit, std::string_view bundle) {
  registry::Version& version = edit.worker.versions.front();
  version.id.value.clear();
  version.bundle_digest.clear();
  edit.worker.traffic.clear();
  for (registry::Binding& binding : version.bindings) {
    if (binding.type == registry::BindingType::kVersionMetadata) {
      binding.text.clear();
    }
  }
  std::string content = base::Encode(edit);
  content += bundle;
  if (!edit.assets.empty()) content += ListingOf(edit.assets);
  return content;
}

// The project as it is on disk, brought to a session again and again.
class ServedProject {
 public:
  ServedProject(Context& context, const Arguments& arguments,
                ServeSession& session, ProjectWatch& watch,
                ProjectWatch& build_watch)
      : context_(context),
        path_(*arguments.Text("DIR")),
        environment_(arguments.Text("env").value_or("")),
        session_(session),
        watch_(watch),
        build_watch_(build_watch) {}

  // Whether an edit may mend what Publish() failed for: its files are watched.
  bool is_watched() const { return is_watched_; }

  // `build`: the project's own build command is run first.
  Status Publish(bool build) {
    const std::string config = ConfigOf(path_);
    if (!config.empty()) {
      Watch({config});
      build_watch_.Follow({config});
    }
    CARAVEL_TRY(Project project, ReadProject(path_, environment_));
    // An edit of the code says nothing new of the configuration.
    if (project.warnings != warnings_) {
      warnings_ = project.warnings;
      for (const std::string& warning : warnings_) {
        context_.terminal.PrintWarning(warning);
      }
    }
    folder_ = project.folder;
    if (!project.main.empty()) Watch({project.main});
    Watch(SecretFiles(project, environment_));
    for (const std::string& folder : project.build.watched) {
      build_watch_.FollowFolder(folder);
    }
    CARAVEL_TRY(CheckCompatibility(project, base::SystemClock().Wall()));
    CARAVEL_TRY(secrets_file_, AddDevVars(environment_, project));
    if (build) {
      build_failed_ = true;
      CARAVEL_TRY(RunBuild(context_.installation, project));
      build_failed_ = false;
    }
    // Behind the build, which may make the folder.
    if (!project.assets.empty()) watch_.FollowFolder(project.assets);
    CARAVEL_TRY(const TemporaryFolder adapted, TemporaryFolder::Make());
    CARAVEL_TRY(AdaptWasm(project, adapted.path()));
    CARAVEL_TRY(StandInForCode(project, adapted.path()));
    CARAVEL_TRY(Bundler bundler,
                Bundler::Start(context_.installation, project));
    CARAVEL_TRY(const std::string bundle, bundler.Finish());
    watch_.Follow(bundler.inputs());
    name_ = project.name;
    const daemon::ServeEdit edit = {.worker = ToPublish(project, id_),
                                    .state = project.StateFolder(),
                                    .assets = project.assets,
                                    .asset_config = project.asset_config};
    // What a build writes is watched, and says nothing new.
    if (!project.build.command.empty()) {
      std::string content = ContentOf(edit, bundle);
      if (!failed_ && content == content_) return {};
      content_ = std::move(content);
    }
    return session_.Publish(edit, bundle);
  }

  void PublishChanges() {
    std::this_thread::sleep_for(kSettle);
    // What a bundle that failed would have been made of is not known.
    const bool is_written =
        watch_.TakeChanges(failed_ ? ProjectWatch::Of::kAllFiles
                                   : ProjectWatch::Of::kFollowedFiles);
    const bool is_edited = build_watch_.TakeChanges();
    // A build that failed may have written some of its files.
    if (!is_edited && (!is_written || build_failed_)) return;
    const Status published = Publish(is_edited);
    failed_ = false;
    if (!published) TellFailure(published.error());
  }

  void NoteListening(const std::string& url) { url_ = url; }

  void TellReady(const std::string& url) {
    failed_ = false;
    is_ready_ = true;
    if (!secrets_file_.empty()) {
      context_.terminal.Print("Secrets are those of " + secrets_file_);
    }
    context_.terminal.Print(fmt::format(
        "{} answers at {}, and anew when its files change. Ctrl-C stops it.",
        name_, context_.terminal.Bold(url)));
  }

  void TellServed(const Status& served) {
    failed_ = false;
    if (!served) {
      TellFailure(served.error());
      if (!is_ready_) {
        context_.terminal.PrintWarning(
            fmt::format("until then, requests to {} end in that error", url_));
      }
    } else {
      context_.terminal.Print(fmt::format("{} answers as edited", name_));
    }
  }

  void TellFailure(const Error& error) {
    // The mistake may be in a file that no bundle was made of yet.
    if (!folder_.empty()) watch_.WatchFolders(folder_);
    failed_ = true;
    context_.terminal.PrintError(error);
    context_.terminal.PrintWarning(
        is_ready_
            ? "the version before the edit goes on"
            : "it answers as soon as an edit mends that. Ctrl-C stops it");
  }

 private:
  void Watch(const std::vector<std::string>& files) {
    watch_.Follow(files);
    is_watched_ = true;
  }

  Context& context_;
  const std::string path_;
  const std::string environment_;
  ServeSession& session_;
  ProjectWatch& watch_;        // what is served is made of these
  ProjectWatch& build_watch_;  // what the build command makes them of
  const registry::WorkerId id_{base::RandomHex(16)};
  std::string name_;
  std::string folder_;
  std::string url_;
  std::string secrets_file_;
  std::vector<std::string> warnings_;
  bool is_watched_ = false;
  bool is_ready_ = false;
  bool failed_ = false;
  bool build_failed_ = false;
  std::string content_;  // handed over last
};

Result<int> RunServe(Context& context, const Arguments& arguments) {
  CARAVEL_TRY(const std::unique_ptr<ProjectWatch> watch, ProjectWatch::Start());
  CARAVEL_TRY(const std::unique_ptr<ProjectWatch> build_watch,
              ProjectWatch::Start());
  CARAVEL_TRY(
      const std::unique_ptr<ServeSession> session,
      ServeSession::Start(context.installation, CaraveldArguments(arguments)));
  ServedProject project(context, arguments, *session, *watch, *build_watch);
  Status published = project.Publish(/*build=*/true);
  if (!published && !project.is_watched()) return std::move(published).error();
  if (!published) project.TellFailure(published.error());
  return session->RunUntilEnd(
      {.log =
           [&](const daemon::LogEntry& entry) {
             context.terminal.Print(
                 LogText(context.terminal, entry.worker, entry.event));
           },
       .listening = [&](const std::string& url) { project.NoteListening(url); },
       .ready = [&](const std::string& url) { project.TellReady(url); },
       .served = [&](const Status& served) { project.TellServed(served); },
       .changed = [&] { project.PublishChanges(); },
       .watched = {watch->fd(), build_watch->fd()}});
}

}  // namespace

const Command kServeCommand{
    .name = "serve",
    .summary = "run one project, without a control plane",
    .help =
        "Runs the project's build command, bundles it as wrangler would, and\n"
        "serves it until it is stopped. Nothing is kept but entries of KV, in "
        ".caravel/state of the\n"
        "project. Whatever host name it is asked by, the one Worker answers;\n"
        "what it logs is printed. An edit answers in about a tenth of a "
        "second,\n"
        "and no request is lost over it; one that cannot start is told, and "
        "the\n"
        "version before goes on. What cannot start at first is told too, and\n"
        "tried again after each edit.\n\n"
        "Secrets come from the file .dev.vars beside the configuration, or\n"
        "from .dev.vars.NAME with --env NAME where there is one; without\n"
        "either from .env, .env.local, .env.NAME and .env.NAME.local, later\n"
        "ones first, as for wrangler dev.",
    .flags = kServeFlags,
    .operands = kServeOperands,
    .run = &RunServe};

}  // namespace caravel::cli
