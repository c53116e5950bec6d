#include "cli/project_fields.h"

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>

#include "cli/config_values.h"
#include "cli/project_bindings.h"
#include "cli/project_keys.h"
#include "cli/project_modules.h"
#include "registry/cron.h"
#include "registry/worker_name.h"

namespace caravel::cli {
namespace {

namespace json = boost::json;

// Fields for which a Worker would find nothing in its env, or never be called.
constexpr std::string_view kNotServed[] = {
    "agent_memory",
    "ai",
    "ai_search",
    "ai_search_namespaces",
    "analytics",
    "analytics_engine_datasets",
    "artifacts",
    "browser",
    "containers",
    "d1_databases",
    "data_blobs",
    "dispatch_namespaces",
    "durable_objects",
    "flagship",
    "hyperdrive",
    "images",
    "k2",
    "logfwdr",
    "media",
    "mtls_certificates",
    "pipelines",
    "queues",
    "r2_buckets",
    "secrets_store_secrets",
    "send_email",
    "site",
    "stream",
    "tail_consumers",
    "text_blobs",
    "vectorize",
    "vpc_networks",
    "vpc_services",
    "wasm_modules",
    "worker_loaders",
    "workflows",
};

Status ReadBuild(const json::object& config, Project& project) {
  const json::value* value = config.if_contains("build");
  if (value == nullptr || IsEmptyValue(*value)) return {};
  if (!value->is_object()) return WrongType("build", "a table", *value);
  const json::object& build = value->as_object();
  std::string folder;
  CARAVEL_TRY(ReadText(build, "command", project.build.command).In("build"));
  CARAVEL_TRY(ReadText(build, "cwd", folder).In("build"));
  std::vector<std::string> watched;
  const json::value* one = build.if_contains("watch_dir");
  if (one != nullptr && one->is_string()) {
    watched.emplace_back(one->as_string());
  } else {
    CARAVEL_TRY(ReadTexts(build, "watch_dir", watched).In("build"));
  }
  if (watched.empty()) watched.emplace_back("src");
  const std::filesystem::path root(project.folder);
  project.build.folder = root / folder;
  for (const std::string& each : watched) {
    project.build.watched.push_back(root / each);
  }
  return {};
}

// Requires: project.build has been read: it may make the folder.
Status ReadAssets(const json::object& config, Project& project) {
  constexpr std::string_view kField = "assets";
  const json::value* value = config.if_contains({kField.data(), kField.size()});
  if (value == nullptr || IsEmptyValue(*value)) return {};
  if (!value->is_object()) return WrongType(kField, "a table", *value);
  std::string directory;
  CARAVEL_TRY(ReadText(value->as_object(), "directory", directory).In(kField));
  CARAVEL_TRY(ReadText(value->as_object(), "binding", project.asset_binding)
                  .In(kField));
  if (directory.empty()) {
    return Error(ErrorCode::kInvalid, "assets.directory: is missing")
        .Remedy("name the folder of the files: " +
                SettingText(project.config_path, "directory", "./public"));
  }
  project.assets = project.PathOf(directory);
  while (project.assets.ends_with('/')) project.assets.pop_back();
  std::error_code error;
  if (project.build.command.empty() &&
      !std::filesystem::is_directory(project.assets, error)) {
    return Error(ErrorCode::kNotFound,
                 fmt::format("assets.directory: there is no folder {}",
                             project.assets))
        .Remedy("make it, or run the build that does");
  }
  project.asset_config = json::serialize(*value);
  if (project.asset_binding.empty()) return {};
  return registry::CheckBindingName(project.asset_binding).In("assets.binding");
}

Status ReadLimit(const json::object& limits, std::string_view name,
                 std::string_view wanted, uint32_t& limit) {
  const json::value* value = limits.if_contains({name.data(), name.size()});
  if (value == nullptr) return {};
  boost::system::error_code error;
  const auto number = value->to_number<uint32_t>(error);
  if (error || number == 0) {
    return WrongType(fmt::format("limits.{}", name), wanted, *value);
  }
  limit = number;
  return {};
}

Status ReadLimits(const json::object& config, Project& project) {
  const json::value* limits = config.if_contains("limits");
  if (limits == nullptr || !limits->is_object()) return {};
  CARAVEL_TRY(ReadLimit(limits->as_object(), "cpu_ms",
                        "a number of milliseconds", project.limits.cpu_ms));
  return ReadLimit(limits->as_object(), "subrequests", "a number of them",
                   project.limits.subrequests);
}

// `serve` has no clock: a warning says how the handler is called.
Status ReadCrons(const json::object& config, Project& project) {
  const json::value* triggers = config.if_contains("triggers");
  if (triggers == nullptr || !triggers->is_object()) return {};
  std::vector<std::string> crons;
  CARAVEL_TRY(ReadTexts(triggers->as_object(), "crons", crons).In("triggers"));
  for (const std::string& cron : crons) {
    CARAVEL_TRY(registry::Cron::Parse(cron).In("triggers.crons"));
  }
  if (crons.empty()) return {};
  std::string query = crons.front();
  std::ranges::replace(query, ' ', '+');
  project.warnings.push_back(fmt::format(
      "{}: cron \"{}\": `serve` goes by no clock; its handler is called by a "
      "request of /cdn-cgi/handler/scheduled?cron={}",
      project.config_path, crons.front(), query));
  return {};
}

}  // namespace

Status ReadProjectFields(const json::value& config, Project& project) {
  if (!config.is_object()) {
    return Error(ErrorCode::kInvalid, "must hold an object");
  }
  const json::object& fields = config.as_object();
  for (const std::string_view field : kNotServed) {
    const json::value* value = fields.if_contains({field.data(), field.size()});
    if (value != nullptr && !IsEmptyValue(*value)) {
      return Error(ErrorCode::kInvalid,
                   fmt::format("{}: `serve` does not have this", field))
          .Remedy(
              "remove it from the configuration to serve the rest, or deploy "
              "the project, if Caravel has it: ./caravel deploy");
    }
  }
  for (const std::string& warning : UnknownKeyWarnings(fields)) {
    project.warnings.push_back(
        fmt::format("{}: {}", project.config_path, warning));
  }
  CARAVEL_TRY(ReadCrons(fields, project));
  std::string main;
  CARAVEL_TRY(ReadText(fields, "name", project.name));
  CARAVEL_TRY(ReadText(fields, "main", main));
  CARAVEL_TRY(
      ReadText(fields, "compatibility_date", project.compatibility_date));
  CARAVEL_TRY(
      ReadTexts(fields, "compatibility_flags", project.compatibility_flags));
  CARAVEL_TRY(ReadModules(fields, project));
  CARAVEL_TRY(ReadBindings(fields, project));
  CARAVEL_TRY(ReadBuild(fields, project));
  CARAVEL_TRY(ReadAssets(fields, project));
  CARAVEL_TRY(CheckBindingNames(project));
  CARAVEL_TRY(ReadLimits(fields, project));
  if (main.empty() && project.assets.empty()) {
    return Error(ErrorCode::kInvalid, "main: is missing")
        .Remedy("name the entry file of the Worker at the top level: " +
                SettingText(project.config_path, "main", "src/index.ts"));
  }
  if (!main.empty()) project.main = project.PathOf(main);
  if (project.compatibility_date.empty()) {
    project.compatibility_date = kUndatedProject;
  }
  return {};
}

}  // namespace caravel::cli
