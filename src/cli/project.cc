#include "cli/project.h"

#include <boost/json.hpp>
#include <cctype>
#include <filesystem>

#include "cli/project_environment.h"
#include "cli/project_fields.h"
#include "daemon/client/data_folder.h"
#include "daemon/client/files.h"
#include "daemon/client/toml.h"
#include "registry/compatibility.h"
#include "registry/worker_name.h"

namespace caravel::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

bool IsEntryFile(const fs::path& path) {
  const std::string extension = path.extension();
  return extension == ".js" || extension == ".mjs" || extension == ".ts" ||
         extension == ".wasm";
}

bool IsConfigFile(const fs::path& path) {
  const std::string extension = path.extension();
  return extension == ".json" || extension == ".jsonc" || extension == ".toml";
}

// JSON as editors write configuration: with comments and trailing commas.
Result<json::value> ParseJsonc(const std::string& text,
                               const std::string& path) {
  json::parse_options options;
  options.allow_comments = true;
  options.allow_trailing_commas = true;
  json::stream_parser parser({}, options);
  boost::system::error_code error;
  const size_t parsed = parser.write_some(text, error);
  if (!error) parser.finish(error);
  if (error) {
    const std::string_view before = std::string_view(text).substr(0, parsed);
    const size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
    return Error(ErrorCode::kInvalid,
                 fmt::format("{}:{}:{}: {}", path,
                             1 + std::ranges::count(before, '\n'),
                             1 + before.size() - line_start, error.message()))
        .Remedy("correct it; comments and trailing commas are fine");
  }
  return parser.release();
}

Result<json::value> ParseConfig(const std::string& path) {
  CARAVEL_TRY(const std::string text, daemon::ReadFile(path));
  return path.ends_with(".toml") ? daemon::ParseToml(text, path)
                                 : ParseJsonc(text, path);
}

Result<Project> WithoutConfig(const std::string& entry,
                              std::string_view environment) {
  if (!environment.empty()) {
    return Error(
               ErrorCode::kInvalid,
               fmt::format("{}: has no environment \"{}\": it has no wrangler "
                           "configuration",
                           entry, environment))
        .Remedy("leave --env away, or write a configuration");
  }
  Project project;
  project.folder = fs::path(entry).parent_path();
  project.main = entry;
  const fs::path file(entry);
  // index.js says nothing: the folder does.
  const bool is_index = file.stem() == "index" || file.stem() == "worker";
  fs::path folder = file.parent_path();
  if (is_index && folder.filename() == "src") folder = folder.parent_path();
  project.name = NameFromPath(is_index ? folder : file.stem());
  project.compatibility_date = kUndatedProject;
  return project;
}

Result<Project> WithConfig(const std::string& path,
                           std::string_view environment) {
  Project project;
  project.config_path = path;
  project.folder = fs::path(path).parent_path();
  CARAVEL_TRY(json::value whole, ParseConfig(path));
  for (const std::string& warning : NotInheritedWarnings(whole, environment)) {
    project.warnings.push_back(fmt::format("{}: {}", path, warning));
  }
  CARAVEL_TRY(const json::value config,
              ForEnvironment(std::move(whole), environment).In(path));
  CARAVEL_TRY(ReadProjectFields(config, project).In(path));
  if (project.name.empty()) project.name = NameFromPath(project.folder);
  CARAVEL_TRY(registry::CheckWorkerName(project.name).In(path));
  std::error_code error;
  // A build may be what makes it.
  if (!project.main.empty() && project.build.command.empty() &&
      !fs::exists(project.main, error)) {
    return Error(
               ErrorCode::kNotFound,
               fmt::format("{}: main: there is no file {}", path, project.main))
        .Remedy("name the entry file of the Worker in its setting main");
  }
  return project;
}

// The folders in `folder` that have a configuration, as a list to read, not all
// of many.
std::string ProjectsIn(const std::string& folder) {
  constexpr size_t kMost = 8;
  std::vector<std::string> found;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end;
       !error && entry != end && found.size() < kMost; entry.increment(error)) {
    if (entry->is_directory(error) && !FindConfig(entry->path()).empty()) {
      found.push_back(entry->path());
    }
  }
  std::ranges::sort(found);
  return fmt::format("{}", fmt::join(found, ", "));
}

Error BelongsTo(const std::string& path, const std::string& config) {
  return Error(ErrorCode::kInvalid,
               fmt::format("{}: belongs to the project of {}", path, config))
      .Remedy(fmt::format("name the project's folder instead: {}",
                          fs::path(config).parent_path().string()));
}

// An error where `script` lies in a project, in its folder or in src below it:
// taken alone it would lose name, bindings and settings.
Status CheckStandsAlone(const std::string& script) {
  const fs::path folder = fs::path(script).parent_path();
  std::vector<fs::path> places = {folder};
  if (folder.filename() == "src") places.push_back(folder.parent_path());
  for (const fs::path& place : places) {
    const std::string config = FindConfig(place);
    if (!config.empty()) return BelongsTo(script, config);
  }
  return {};
}

// The same of a folder without a configuration, anywhere below one: wrangler,
// called in it, would take that.
Status CheckStandsAloneAsFolder(const std::string& folder) {
  fs::path place = folder;
  while (place.has_relative_path()) {
    place = place.parent_path();
    const std::string config = FindConfig(place);
    if (!config.empty()) return BelongsTo(folder, config);
  }
  return {};
}

}  // namespace

std::vector<FileType> UsualFileTypes() {
  return {{".wasm", registry::ModuleType::kWasm},
          {".txt", registry::ModuleType::kText},
          {".html", registry::ModuleType::kText},
          {".sql", registry::ModuleType::kText},
          {".bin", registry::ModuleType::kData}};
}

std::string Project::PathOf(std::string_view path) const {
  return (fs::path(folder) / path).lexically_normal();
}

std::string FindConfig(const std::string& folder) {
  // The order in which wrangler looks.
  for (const char* name :
       {"wrangler.json", "wrangler.jsonc", "wrangler.toml"}) {
    std::error_code error;
    const fs::path path = fs::path(folder) / name;
    if (fs::exists(path, error)) return path;
  }
  return {};
}

std::string ConfigOf(const std::string& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) return FindConfig(path);
  return IsConfigFile(path) ? path : std::string();
}

Status CheckEnvironment(const std::string& config,
                        std::string_view environment) {
  if (environment.empty()) return {};
  Result<json::value> parsed = ParseConfig(config);
  if (!parsed) return {};  // wrangler says what is wrong with it
  CARAVEL_TRY(ForEnvironment(std::move(*parsed), environment).In(config));
  return {};
}

std::string NameIn(const std::string& config, std::string_view environment) {
  Result<json::value> parsed = ParseConfig(config);
  if (!parsed) return {};
  const Result<json::value> own =
      ForEnvironment(std::move(*parsed), environment);
  const json::object* fields = own ? own->if_object() : nullptr;
  const json::value* name = fields ? fields->if_contains("name") : nullptr;
  return name && name->is_string() ? std::string(name->get_string())
                                   : std::string();
}

Result<std::string> FindEntry(const std::string& folder) {
  std::error_code error;
  for (const char* stem : {"index", "worker", "src/index", "src/worker"}) {
    for (const char* extension : {".ts", ".js", ".mjs", ".wasm"}) {
      const fs::path path = fs::path(folder) / (std::string(stem) + extension);
      if (fs::is_regular_file(path, error)) return path.string();
    }
  }
  std::vector<std::string> scripts;
  for (fs::directory_iterator entry(folder, error), end; entry != end;
       entry.increment(error)) {
    if (error) break;
    if (IsEntryFile(entry->path()) &&
        !entry->path().string().ends_with(".d.ts")) {
      scripts.push_back(entry->path());
    }
  }
  if (scripts.size() == 1) return scripts.front();
  const std::string projects = ProjectsIn(folder);
  if (!projects.empty()) {
    return Error(ErrorCode::kNotFound,
                 fmt::format("{}: no project: it has several in folders of "
                             "their own",
                             folder))
        .Remedy("name one of them: " + projects);
  }
  return Error(ErrorCode::kNotFound,
               fmt::format("{}: no project: neither a wrangler configuration "
                           "nor one script",
                           folder))
      .Remedy(
          "name the folder of a project with wrangler.jsonc, wrangler.json "
          "or wrangler.toml, or a .js, .ts or .wasm file");
}

std::string NameFromPath(const std::string& path) {
  std::string name;
  for (const char c : fs::path(path).filename().string()) {
    const auto letter = static_cast<unsigned char>(c);
    if (std::isalnum(letter) != 0) {
      name += static_cast<char>(std::tolower(letter));
    } else if (!name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  constexpr size_t kLongestName = 63;
  name.resize(std::min(name.size(), kLongestName));
  while (name.ends_with('-')) name.pop_back();
  return name.empty() ? "worker" : name;
}

Status CheckCompatibility(const Project& project, base::WallTime now) {
  const std::string& place =
      project.config_path.empty() ? project.main : project.config_path;
  CARAVEL_TRY(registry::Compatibility::Parse(project.compatibility_date,
                                             project.compatibility_flags, now)
                  .In(place));
  return {};
}

Result<Project> ReadProject(const std::string& path,
                            std::string_view environment) {
  const std::string absolute = daemon::AbsolutePath(path);
  std::error_code error;
  const fs::file_status status = fs::status(absolute, error);
  if (!fs::exists(status)) {
    return Error(ErrorCode::kNotFound,
                 fmt::format("{}: there is no such file or folder", path))
        .Remedy("name the folder of a project, or a .js, .ts or .wasm file");
  }
  if (!fs::is_directory(status)) {
    if (IsConfigFile(absolute)) return WithConfig(absolute, environment);
    if (IsEntryFile(absolute)) {
      CARAVEL_TRY(CheckStandsAlone(absolute));
      return WithoutConfig(absolute, environment);
    }
    return Error(ErrorCode::kInvalid,
                 fmt::format("{}: neither a configuration nor a script", path))
        .Remedy("name the folder of a project, or a .js, .ts or .wasm file");
  }
  const std::string config = FindConfig(absolute);
  if (!config.empty()) return WithConfig(config, environment);
  CARAVEL_TRY(const std::string entry, FindEntry(absolute));
  CARAVEL_TRY(CheckStandsAloneAsFolder(absolute));
  return WithoutConfig(entry, environment);
}

}  // namespace caravel::cli
