#include "cli/project_bindings.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "cli/config_values.h"
#include "registry/rate_limit_text.h"
#include "registry/worker_name.h"

namespace caravel::cli {
namespace {

namespace json = boost::json;

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

Status ReadService(const json::object& config, Project& project) {
  std::string binding, service, entrypoint;
  CARAVEL_TRY(ReadText(config, "binding", binding));
  CARAVEL_TRY(ReadText(config, "service", service));
  CARAVEL_TRY(ReadText(config, "entrypoint", entrypoint));
  CARAVEL_TRY(registry::CheckBindingName(binding));
  if (service.empty()) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("binding \"{}\": service: is missing", binding))
        .Remedy("name the Worker that it calls");
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
  project.callees.push_back({.binding = std::move(binding),
                             .worker = std::move(service),
                             .entrypoint = std::move(entrypoint)});
  return {};
}

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

}  // namespace

Status ReadBindings(const json::object& config, Project& project) {
  CARAVEL_TRY(ReadVars(config, project));
  CARAVEL_TRY(ReadServices(config, project));
  CARAVEL_TRY(ReadNamespaces(config, project));
  CARAVEL_TRY(ReadRateLimits(config, project));
  return ReadVersionMetadata(config, project);
}

Status CheckBindingNames(const Project& project) {
  std::vector<std::string_view> names;
  for (const auto* list : {&project.vars, &project.services,
                           &project.namespaces, &project.rate_limits}) {
    for (const registry::Binding& binding : *list) {
      names.push_back(binding.name);
    }
  }
  for (const std::string* name :
       {&project.asset_binding, &project.version_metadata}) {
    if (!name->empty()) names.push_back(*name);
  }
  std::ranges::sort(names);
  const auto twice = std::ranges::adjacent_find(names);
  if (twice == names.end()) return {};
  return Error(
             ErrorCode::kInvalid,
             fmt::format("binding \"{}\": there are two of this name", *twice))
      .Remedy("give each its own: the Worker has all of them in one env");
}

}  // namespace caravel::cli
