#include "cli/project_environment.h"

#include <algorithm>
#include <boost/json.hpp>
#include <string>

#include "cli/config_values.h"

namespace caravel::cli {
namespace {

namespace json = boost::json;

constexpr std::string_view kNotInherited[] = {"agent_memory",
                                              "ai",
                                              "ai_search",
                                              "ai_search_namespaces",
                                              "analytics",
                                              "analytics_engine_datasets",
                                              "artifacts",
                                              "browser",
                                              "cloudchamber",
                                              "connect",
                                              "containers",
                                              "d1_databases",
                                              "define",
                                              "dispatch_namespaces",
                                              "durable_objects",
                                              "flagship",
                                              "hyperdrive",
                                              "images",
                                              "k2",
                                              "kv_namespaces",
                                              "media",
                                              "mtls_certificates",
                                              "pipelines",
                                              "queues",
                                              "r2_buckets",
                                              "ratelimits",
                                              "secrets",
                                              "secrets_store_secrets",
                                              "send_email",
                                              "services",
                                              "stream",
                                              "streaming_tail_consumers",
                                              "tail_consumers",
                                              "unsafe",
                                              "unsafe_hello_world",
                                              "vars",
                                              "vectorize",
                                              "version_metadata",
                                              "vpc_networks",
                                              "vpc_services",
                                              "worker_loaders",
                                              "workflows"};

bool IsInherited(std::string_view field) {
  return !std::ranges::binary_search(kNotInherited, field);
}

Error NoSuchEnvironment(std::string_view environment,
                        const json::object* environments) {
  std::string names;
  if (environments != nullptr) {
    for (const auto& [name, value] : *environments) {
      names += names.empty() ? "" : ", ";
      names += std::string_view(name);
    }
  }
  return Error(ErrorCode::kNotFound,
               fmt::format("env: there is no environment \"{}\"", environment))
      .Remedy(names.empty()
                  ? "the configuration has none: leave --env away, or add it"
                  : "those of the configuration are: " + names);
}

const json::value* Find(const json::object& object, std::string_view key) {
  return object.if_contains({key.data(), key.size()});
}

// The table of the environment; nullptr where there is none.
const json::object* TableOf(const json::object& top,
                            std::string_view environment) {
  const json::value* all = Find(top, "env");
  const json::object* environments = all ? all->if_object() : nullptr;
  const json::value* own =
      environments ? Find(*environments, environment) : nullptr;
  return own ? own->if_object() : nullptr;
}

// The names that `above` has and `own` has not, as a list to read.
std::string NamesMissing(const json::object& above, const json::object& own) {
  std::string names;
  for (const auto& entry : above) {
    if (own.contains(entry.key())) continue;
    names += names.empty() ? "" : ", ";
    names += std::string_view(entry.key());
  }
  return names;
}

}  // namespace

std::vector<std::string> NotInheritedWarnings(const json::value& config,
                                              std::string_view environment) {
  std::vector<std::string> warnings;
  const json::object* top = config.if_object();
  const json::object* own = top ? TableOf(*top, environment) : nullptr;
  if (own == nullptr) return warnings;
  for (const std::string_view field : kNotInherited) {
    const json::value* above = Find(*top, field);
    if (above == nullptr || IsEmptyValue(*above)) continue;
    const json::value* here = Find(*own, field);
    if (here == nullptr) {
      warnings.push_back(fmt::format(
          "env.{}: is without \"{}\", which environments do not take over "
          "from the top level: add what it needs of that to env.{}.{}",
          environment, field, environment, field));
      continue;
    }
    const bool has_entries = field == "vars" || field == "define";
    if (!has_entries || !above->is_object() || !here->is_object()) continue;
    const std::string missing =
        NamesMissing(above->get_object(), here->get_object());
    if (missing.empty()) continue;
    warnings.push_back(fmt::format(
        "env.{}.{}: is without {} of the top level, whose entries environments "
        "do not take over: add those that it needs",
        environment, field, missing));
  }
  return warnings;
}

Result<json::value> ForEnvironment(json::value config,
                                   std::string_view environment) {
  if (!config.is_object() || environment.empty()) return config;
  const json::object& top = config.as_object();
  const json::value* all = top.if_contains("env");
  const json::object* environments = all ? all->if_object() : nullptr;
  const json::value* own = environments
                               ? environments->if_contains(json::string_view(
                                     environment.data(), environment.size()))
                               : nullptr;
  if (own == nullptr) return NoSuchEnvironment(environment, environments);
  if (!own->is_object()) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("env.{}: must be a table", environment));
  }
  json::object merged;
  for (const auto& [field, value] : top) {
    if (field != "env" && IsInherited(std::string_view(field))) {
      merged[field] = value;
    }
  }
  if (const json::value* name = top.if_contains("name");
      name != nullptr && name->is_string()) {
    merged["name"] =
        fmt::format("{}-{}", std::string_view(name->as_string()), environment);
  }
  for (const auto& [field, value] : own->as_object()) {
    if (field != "alias") merged[field] = value;  // the top level's alone
  }
  return json::value(std::move(merged));
}

}  // namespace caravel::cli
