#include "cli/project_fields.h"

#include <boost/json.hpp>
#include <filesystem>

#include "cli/project_keys.h"
#include "registry/rate_limit_text.h"
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

Error WrongType(std::string_view field, std::string_view wanted,
                const json::value& value) {
  return Error(ErrorCode::kInvalid,
               fmt::format("{}: must be {}, is {}", field, wanted,
                           json::serialize(value)));
}

Status ReadText(const json::object& config, std::string_view field,
                std::string& text) {
  const json::value* value = config.if_contains({field.data(), field.size()});
  if (value == nullptr) return {};
  if (!value->is_string()) return WrongType(field, "a string", *value);
  text = std::string(value->as_string());
  return {};
}

Status ReadSwitch(const json::object& config, std::string_view field,
                  bool& on) {
  const json::value* value = config.if_contains({field.data(), field.size()});
  if (value == nullptr) return {};
  if (!value->is_bool()) return WrongType(field, "true or false", *value);
  on = value->as_bool();
  return {};
}

Status ReadTexts(const json::object& config, std::string_view field,
                 std::vector<std::string>& texts) {
  const json::value* value = config.if_contains({field.data(), field.size()});
  if (value == nullptr) return {};
  if (!value->is_array()) return WrongType(field, "a list", *value);
  for (const json::value& each : value->as_array()) {
    if (!each.is_string()) return WrongType(field, "a list of strings", each);
    texts.emplace_back(each.as_string());
  }
  return {};
}

Status ReadPairs(const json::object& config, std::string_view field,
                 std::vector<std::pair<std::string, std::string>>& pairs) {
  const json::value* value = config.if_contains({field.data(), field.size()});
  if (value == nullptr) return {};
  if (!value->is_object()) return WrongType(field, "a table", *value);
  for (const auto& [key, each] : value->as_object()) {
    if (!each.is_string()) {
      return WrongType(fmt::format("{}.{}", field, std::string_view(key)),
                       "a string", each);
    }
    pairs.emplace_back(key, each.as_string());
  }
  return {};
}

Status ReadVars(const json::object& config, Project& project) {
  const json::value* vars = config.if_contains("vars");
  if (vars == nullptr) return {};
  if (!vars->is_object()) return WrongType("vars", "a table", *vars);
  for (const auto& [name, value] : vars->as_object()) {
    CARAVEL_TRY(registry::CheckBindingName(name).In("vars"));
    registry::Binding binding;
    binding.name = std::string(name);
    if (value.is_string()) {
      binding.type = registry::BindingType::kPlainText;
      binding.text = std::string(value.as_string());
    } else {
      binding.type = registry::BindingType::kJson;
      binding.text = json::serialize(value);
    }
    project.vars.push_back(std::move(binding));
  }
  return {};
}

// One Worker is served, so that it can call itself only.
Status ReadService(const json::object& config, Project& project) {
  std::string binding, service, entrypoint;
  CARAVEL_TRY(ReadText(config, "binding", binding));
  CARAVEL_TRY(ReadText(config, "service", service));
  CARAVEL_TRY(ReadText(config, "entrypoint", entrypoint));
  CARAVEL_TRY(registry::CheckBindingName(binding));
  if (service != project.name) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("binding \"{}\" calls the Worker \"{}\", which "
                             "is not served here: `serve` has this one alone",
                             binding, service))
        .Remedy("deploy both, or bind it to this Worker itself");
  }
  json::object text{{"service", service}};
  if (!entrypoint.empty()) text["entrypoint"] = entrypoint;
  if (const json::value* props = config.if_contains("props")) {
    if (!props->is_object()) return WrongType("props", "a table", *props);
    text["props"] = *props;
  }
  project.services.push_back({.name = binding,
                              .type = registry::BindingType::kService,
                              .text = json::serialize(text)});
  return {};
}

// Requires: project.name has been read.
Status ReadServices(const json::object& config, Project& project) {
  const json::value* services = config.if_contains("services");
  if (services == nullptr) return {};
  if (!services->is_array()) return WrongType("services", "a list", *services);
  for (const json::value& each : services->as_array()) {
    if (!each.is_object())
      return WrongType("services", "a list of tables", each);
    CARAVEL_TRY(ReadService(each.as_object(), project).In("services"));
  }
  return {};
}

// Bindings of one id are to one namespace; one without has its own.
Status ReadNamespace(const json::object& config, Project& project) {
  std::string binding, id;
  CARAVEL_TRY(ReadText(config, "binding", binding));
  CARAVEL_TRY(ReadText(config, "id", id));
  CARAVEL_TRY(registry::CheckBindingName(binding));
  project.namespaces.push_back(
      {.name = binding,
       .type = registry::BindingType::kKvNamespace,
       .text = id.empty() ? "of binding " + binding : id});
  return {};
}

Status ReadNamespaces(const json::object& config, Project& project) {
  const json::value* namespaces = config.if_contains("kv_namespaces");
  if (namespaces == nullptr) return {};
  if (!namespaces->is_array()) {
    return WrongType("kv_namespaces", "a list", *namespaces);
  }
  for (const json::value& each : namespaces->as_array()) {
    if (!each.is_object()) {
      return WrongType("kv_namespaces", "a list of tables", each);
    }
    CARAVEL_TRY(ReadNamespace(each.as_object(), project).In("kv_namespaces"));
  }
  return {};
}

Status ReadRateLimit(const json::object& config, Project& project) {
  std::string name, space;
  CARAVEL_TRY(ReadText(config, "name", name));
  CARAVEL_TRY(ReadText(config, "namespace_id", space));
  CARAVEL_TRY(registry::CheckBindingName(name));
  const json::value* simple = config.if_contains("simple");
  if (simple == nullptr || !simple->is_object()) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("binding \"{}\": simple: is missing", name))
        .Remedy("write simple = { limit = 100, period = 60 }");
  }
  const auto number = [simple](std::string_view field) -> uint64_t {
    const json::value* value =
        simple->as_object().if_contains({field.data(), field.size()});
    boost::system::error_code error;
    const auto found = value == nullptr ? 0 : value->to_number<uint64_t>(error);
    return error ? 0 : found;
  };
  CARAVEL_TRY(std::string text,
              registry::RateLimitText(space, number("limit"), number("period"))
                  .In(fmt::format("binding \"{}\"", name)));
  project.rate_limits.push_back({.name = std::move(name),
                                 .type = registry::BindingType::kRatelimit,
                                 .text = std::move(text)});
  return {};
}

// What wrangler passes on without knowing it: rate limits were bound so.
Status ReadUnsafeBinding(const json::object& config, Project& project) {
  std::string type;
  CARAVEL_TRY(ReadText(config, "type", type));
  if (type == "ratelimit") return ReadRateLimit(config, project);
  return Error(ErrorCode::kInvalid,
               fmt::format("bindings of type \"{}\": `serve` does not have "
                           "this",
                           type))
      .Remedy("remove it from the configuration to serve the rest");
}

// Has `read` take each table in the list `field`.
Status ReadTables(const json::object& config, std::string_view field,
                  Status (*read)(const json::object&, Project&),
                  Project& project) {
  const json::value* tables = config.if_contains({field.data(), field.size()});
  if (tables == nullptr) return {};
  if (!tables->is_array()) return WrongType(field, "a list", *tables);
  for (const json::value& each : tables->as_array()) {
    if (!each.is_object()) return WrongType(field, "a list of tables", each);
    CARAVEL_TRY(read(each.as_object(), project).In(field));
  }
  return {};
}

Status ReadRateLimits(const json::object& config, Project& project) {
  CARAVEL_TRY(ReadTables(config, "ratelimits", &ReadRateLimit, project));
  const json::value* unsafe = config.if_contains("unsafe");
  if (unsafe == nullptr || !unsafe->is_object()) return {};
  return ReadTables(unsafe->as_object(), "bindings", &ReadUnsafeBinding,
                    project)
      .In("unsafe");
}

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
        .Remedy("name the folder of the files: \"directory\": \"./public\"");
  }
  project.assets =
      (std::filesystem::path(project.folder) / directory).lexically_normal();
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

Status ReadVersionMetadata(const json::object& config, Project& project) {
  constexpr std::string_view kField = "version_metadata";
  const json::value* value = config.if_contains({kField.data(), kField.size()});
  if (value == nullptr) return {};
  if (!value->is_object()) return WrongType(kField, "a table", *value);
  CARAVEL_TRY(ReadText(value->as_object(), "binding", project.version_metadata)
                  .In(kField));
  return registry::CheckBindingName(project.version_metadata)
      .In("version_metadata.binding");
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

// The rest can be served: a warning is enough.
void WarnOfCrons(const json::object& config, Project& project) {
  const json::value* triggers = config.if_contains("triggers");
  if (triggers == nullptr || !triggers->is_object()) return;
  const json::value* crons = triggers->as_object().if_contains("crons");
  if (crons == nullptr || !crons->is_array() || crons->as_array().empty()) {
    return;
  }
  project.warnings.push_back(fmt::format(
      "{}: cron {}: `serve` never calls scheduled(); deploy the project, and "
      "call it by ./caravel cron run",
      project.config_path, json::serialize(crons->as_array().front())));
}

}  // namespace

bool IsEmptyValue(const json::value& value) {
  if (value.is_null()) return true;
  if (const auto* array = value.if_array()) return array->empty();
  if (const auto* object = value.if_object()) {
    return std::ranges::all_of(
        *object, [](const auto& entry) { return IsEmptyValue(entry.value()); });
  }
  return false;
}

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
  WarnOfCrons(fields, project);
  std::string main, tsconfig;
  CARAVEL_TRY(ReadText(fields, "name", project.name));
  CARAVEL_TRY(ReadText(fields, "main", main));
  CARAVEL_TRY(ReadText(fields, "tsconfig", tsconfig));
  CARAVEL_TRY(
      ReadText(fields, "compatibility_date", project.compatibility_date));
  CARAVEL_TRY(
      ReadTexts(fields, "compatibility_flags", project.compatibility_flags));
  CARAVEL_TRY(ReadSwitch(fields, "keep_names", project.keep_names));
  CARAVEL_TRY(ReadSwitch(fields, "minify", project.minify));
  CARAVEL_TRY(ReadPairs(fields, "define", project.defines));
  CARAVEL_TRY(ReadPairs(fields, "alias", project.aliases));
  CARAVEL_TRY(ReadVars(fields, project));
  CARAVEL_TRY(ReadServices(fields, project));
  CARAVEL_TRY(ReadNamespaces(fields, project));
  CARAVEL_TRY(ReadRateLimits(fields, project));
  CARAVEL_TRY(ReadBuild(fields, project));
  CARAVEL_TRY(ReadAssets(fields, project));
  CARAVEL_TRY(ReadVersionMetadata(fields, project));
  CARAVEL_TRY(ReadLimits(fields, project));
  if (main.empty() && project.assets.empty()) {
    return Error(ErrorCode::kInvalid, "main: is missing")
        .Remedy(
            "name the entry file of the Worker: \"main\": \"src/index.ts\"");
  }
  const std::filesystem::path folder(project.folder);
  if (!main.empty()) project.main = (folder / main).lexically_normal();
  if (!tsconfig.empty()) {
    project.tsconfig = (folder / tsconfig).lexically_normal();
  }
  if (project.compatibility_date.empty()) {
    project.compatibility_date = kUndatedProject;
  }
  return {};
}

}  // namespace caravel::cli
