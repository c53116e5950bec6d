#include "cli/served_project.h"

#include <algorithm>
#include <filesystem>

#include "base/random.h"
#include "cli/bundler.h"
#include "cli/dev_vars.h"
#include "cli/project_build.h"
#include "cli/served_version.h"
#include "cli/shown_text.h"
#include "cli/unstarted_worker.h"
#include "cli/wasm_adapter.h"
#include "daemon/client/data_folder.h"

namespace caravel::cli {

Result<std::unique_ptr<ServedProject>> ServedProject::Make(
    Context& context, ServeSession& session, const All& all, std::string path,
    std::string environment) {
  CARAVEL_TRY(std::unique_ptr<ProjectWatch> watch, ProjectWatch::Start());
  CARAVEL_TRY(std::unique_ptr<ProjectWatch> build_watch, ProjectWatch::Start());
  return std::unique_ptr<ServedProject>(new ServedProject(
      context, session, all, std::move(path), std::move(environment),
      std::move(watch), std::move(build_watch)));
}

ServedProject::ServedProject(Context& context, ServeSession& session,
                             const All& all, std::string path,
                             std::string environment,
                             std::unique_ptr<ProjectWatch> watch,
                             std::unique_ptr<ProjectWatch> build_watch)
    : context_(context),
      session_(session),
      all_(all),
      path_(std::move(path)),
      environment_(std::move(environment)),
      watch_(std::move(watch)),
      build_watch_(std::move(build_watch)),
      id_{base::RandomHex(16)},
      name_(NameFromPath(daemon::AbsolutePath(path_))) {}

Status ServedProject::ReadName() {
  const Result<Project> project = ReadProject(path_, environment_);
  if (!project) return {};  // Start() tells
  return TakeName(*project);
}

Status ServedProject::TakeName(const Project& project) {
  for (const auto& other : all_) {
    if (other.get() == this || !other->is_named_ ||
        other->name_ != project.name) {
      continue;
    }
    return Error(ErrorCode::kConflict,
                 fmt::format("{}: the Worker of {} is called \"{}\" too", path_,
                             other->path_, project.name))
        .Remedy("give one of them another name in its configuration");
  }
  is_named_ = true;
  name_ = project.name;
  callees_ = project.callees;
  return {};
}

Status ServedProject::Start() {
  if (session_.IsAskedToEnd()) return {};
  Status published = Publish(/*build=*/true);
  if (!published && !is_watched_) return published;
  if (!published) TellFailure(published.error());
  is_published_ = published.has_value();
  return {};
}

std::vector<int> ServedProject::watched() const {
  return {watch_->fd(), build_watch_->fd()};
}

void ServedProject::Watch(const std::vector<std::string>& files) {
  watch_->Follow(files);
  is_watched_ = true;
}

void ServedProject::Warn(const Project& project) {
  std::vector<std::string> warnings = project.warnings;
  for (const Callee& callee : project.callees) {
    if (std::ranges::any_of(all_, [&callee](const auto& other) {
          return other->name_ == callee.worker;
        })) {
      continue;
    }
    warnings.push_back(fmt::format(
        "{}: binding \"{}\" is to the Worker \"{}\", which is not served here: "
        "calls of it fail. `serve` takes the folders of both",
        project.config_path, callee.binding, callee.worker));
  }
  // An edit of the code says nothing new of the configuration.
  if (warnings == warnings_) return;
  warnings_ = std::move(warnings);
  for (const std::string& warning : warnings_) {
    context_.terminal.PrintWarning(warning);
  }
}

void ServedProject::TellBuild(const Project& project) {
  if (project.build.command.empty()) return;
  context_.terminal.Print(
      fmt::format("{} is being built: {}", project.name,
                  context_.terminal.Dim(Shown(project.build.command))));
}

// A project without a configuration, which alone may lie elsewhere, has none.
std::string ServedProject::StateFolder() const {
  const std::filesystem::path path = daemon::AbsolutePath(path_);
  std::error_code error;
  return (std::filesystem::is_directory(path, error) ? path
                                                     : path.parent_path()) /
         ".caravel/state";
}

Status ServedProject::Publish(bool build) {
  esbuild_told_.clear();
  const std::string config = ConfigOf(path_);
  if (!config.empty()) {
    Watch({config});
    build_watch_->Follow({config});
  }
  CARAVEL_TRY(Project project, ReadProject(path_, environment_));
  folder_ = project.folder;
  if (!project.main.empty()) Watch({project.main});
  Watch(SecretFiles(project, environment_));
  for (const std::string& folder : project.build.watched) {
    build_watch_->FollowFolder(folder);
  }
  CARAVEL_TRY(TakeName(project));
  Warn(project);
  CARAVEL_TRY(CheckCompatibility(project, base::SystemClock().Wall()));
  CARAVEL_TRY(secrets_file_, AddDevVars(environment_, project));
  if (build) {
    build_failed_ = true;
    TellBuild(project);
    CARAVEL_TRY(RunBuild(context_.installation, project));
    build_failed_ = false;
    if (session_.IsAskedToEnd()) return {};
  }
  // Behind the build, which may make the folder.
  if (!project.assets.empty()) watch_->FollowFolder(project.assets);
  CARAVEL_TRY(const TemporaryFolder adapted, TemporaryFolder::Make());
  CARAVEL_TRY(AdaptWasm(project, adapted.path()));
  CARAVEL_TRY(StandInForCode(project, adapted.path()));
  CARAVEL_TRY(Bundler bundler,
              Bundler::Start(context_.installation, project,
                             context_.terminal.error_colours()));
  const Result<std::string> bundle = bundler.Finish();
  esbuild_told_ = bundler.told();
  if (!bundle) return bundle.error().Clone();
  watch_->Follow(FilesOutside(adapted.path(), bundler.inputs()));
  const daemon::ServeEdit edit = {.worker = ToPublish(project, id_, is_first()),
                                  .state = all_.front()->StateFolder(),
                                  .assets = project.assets,
                                  .asset_config = project.asset_config};
  // What a build writes is watched, and says nothing new.
  if (!project.build.command.empty()) {
    std::string content = ContentOf(edit, *bundle);
    if (!failed_ && content == content_) return {};
    content_ = std::move(content);
  }
  CARAVEL_TRY(session_.Publish(edit, *bundle));
  versions_.push_back(edit.worker.versions.front().id.value);
  return {};
}

Status ServedProject::PublishUnstarted(std::string_view why) {
  std::set<std::string> entrypoints;
  for (const auto& other : all_) {
    for (const Callee& callee : other->callees_) {
      if (callee.worker == name_ && !callee.entrypoint.empty()) {
        entrypoints.insert(callee.entrypoint);
      }
    }
  }
  CARAVEL_TRY(const std::string bundle, UnstartedWorker(why, entrypoints));
  Project project;
  project.name = name_;
  project.compatibility_date = kUndatedProject;
  const daemon::ServeEdit edit = {.worker = ToPublish(project, id_, is_first()),
                                  .state = all_.front()->StateFolder(),
                                  .assets = {},
                                  .asset_config = {}};
  unstarted_version_ = edit.worker.versions.front().id.value;
  return session_.Publish(edit, bundle);
}

void ServedProject::PublishChanges() {
  if (session_.IsAskedToEnd()) return;
  // What a bundle that failed would have been made of is not known.
  const bool is_written = watch_->TakeChanges(
      failed_ ? ProjectWatch::Of::kAllFiles : ProjectWatch::Of::kFollowedFiles);
  const bool is_edited = build_watch_->TakeChanges();
  // A build that failed may have written some of its files.
  if (!is_edited && (!is_written || build_failed_)) return;
  const Status published = Publish(is_edited);
  failed_ = false;
  if (!published) TellFailure(published.error());
  is_published_ = published.has_value();
}

bool ServedProject::TakeVersion(std::string_view version) {
  const auto found = std::ranges::find(versions_, version);
  if (found == versions_.end()) return false;
  versions_.erase(versions_.begin(), found + 1);
  return true;
}

bool ServedProject::OnServed(std::string_view version) {
  const bool is_unstarted = version == unstarted_version_;
  if (!is_unstarted && !TakeVersion(version)) return false;
  // Of an older version it says nothing of the newest edit.
  if (!is_unstarted && is_published_ && versions_.empty()) failed_ = false;
  if (!is_unstarted && is_ready_) {
    context_.terminal.Print(fmt::format("{} answers as edited", name_));
    return true;
  }
  if (is_unstarted != is_unstarted_) is_told_ = false;
  is_unstarted_ = is_unstarted;
  is_ready_ = !is_unstarted;
  return true;
}

bool ServedProject::OnRefused(std::string_view version, const Error& error) {
  if (version == unstarted_version_) {
    context_.terminal.PrintError(error);
    return true;
  }
  if (!TakeVersion(version)) return false;
  TellFailure(error);
  return true;
}

std::string ServedProject::UrlOf(const std::string& at) const {
  if (is_first()) return at;
  return fmt::format("http://{}.localhost{}", name_, at.substr(at.rfind(':')));
}

void ServedProject::TellAnswering(const std::string& at) {
  if (is_told_) return;
  is_told_ = true;
  const std::string url = UrlOf(at);
  if (!is_ready_) {
    context_.terminal.PrintWarning(
        fmt::format("until then, requests to {} end in that error", url));
    return;
  }
  if (!secrets_file_.empty()) {
    context_.terminal.Print(
        fmt::format("Secrets of {} are those of {}", name_, secrets_file_));
  }
  context_.terminal.Print(fmt::format(
      "{} answers at {} and anew when its files change. Ctrl-C stops {}.",
      name_, context_.terminal.Bold(url), all_.size() == 1 ? "it" : "all"));
}

void ServedProject::TellFailure(const Error& error) {
  // Ctrl-C ends the bundler too, which is no failure.
  if (session_.IsAskedToEnd()) return;
  // The mistake may be in a file that no bundle was made of yet.
  if (!folder_.empty()) watch_->WatchFolders(folder_);
  failed_ = true;
  context_.terminal.PrintError(error);
  if (is_ready_) {
    context_.terminal.PrintWarning("the version before the edit goes on");
    return;
  }
  context_.terminal.PrintWarning(
      "it answers as soon as an edit mends that. Ctrl-C stops it");
  if (!versions_.empty()) return;  // a newer one, which may start
  const Status published = PublishUnstarted(fmt::format(
      "{}{}", esbuild_told_, context_.terminal.AsCalled(error.ToText())));
  if (!published) context_.terminal.PrintError(published.error());
}

}  // namespace caravel::cli
