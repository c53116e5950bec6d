#include "control/binding_types.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/check.h"
#include "base/nearest_name.h"
#include "registry/rate_limit_text.h"

namespace caravel::api {
namespace {

using registry::Binding;
using registry::BindingType;

// A type that Caravel has: how the text of a binding comes from what was
// uploaded, and what of the text the API shows.
struct Built {
  std::string_view name;
  BindingType type;
  Result<std::string> (*read)(const BindingInput& input);
  void (*show)(const std::string& text, boost::json::object& seen);
};

Error Missing(const BindingInput& input, std::string_view field) {
  return Error(ErrorCode::kInvalid,
               fmt::format("binding \"{}\" of type \"{}\": \"{}\" is required",
                           input.name, input.type, field));
}

Result<std::string> ReadText(const BindingInput& input) {
  if (!input.text) return Missing(input, "text");
  return *input.text;
}

Result<std::string> ReadJson(const BindingInput& input) {
  if (!input.json) return Missing(input, "json");
  return boost::json::serialize(*input.json);
}

Result<std::string> ReadNamespace(const BindingInput& input) {
  if (!input.namespace_id) return Missing(input, "namespace_id");
  return *input.namespace_id;
}

Result<std::string> ReadRateLimit(const BindingInput& input) {
  if (!input.namespace_id) return Missing(input, "namespace_id");
  if (!input.simple || !input.simple->is_object()) {
    return Missing(input, "simple");
  }
  const auto number = [&input](std::string_view name) -> uint64_t {
    const boost::json::value* value =
        input.simple->as_object().if_contains(name);
    boost::system::error_code error;
    const auto found = value == nullptr ? 0 : value->to_number<uint64_t>(error);
    return error ? 0 : found;
  };
  return registry::RateLimitText(*input.namespace_id, number("limit"),
                                 number("period"))
      .In(fmt::format("binding \"{}\" of type \"ratelimit\"", input.name));
}

void ShowRateLimit(const std::string& text, boost::json::object& seen) {
  boost::json::error_code error;
  const boost::json::value limit = boost::json::parse(text, error);
  if (error || !limit.is_object()) return;
  for (const auto& [key, value] : limit.as_object()) seen[key] = value;
}

Result<std::string> ReadNothing(const BindingInput&) { return std::string(); }

Result<std::string> ReadPart(const BindingInput& input) {
  if (!input.part) return Missing(input, "part");
  return *input.part;
}

void ShowText(const std::string& text, boost::json::object& seen) {
  seen["text"] = text;
}

void ShowJson(const std::string& text, boost::json::object& seen) {
  boost::json::error_code error;
  seen["json"] = boost::json::parse(text, error);
}

Result<std::string> ReadService(const BindingInput& input) {
  if (!input.service) return Missing(input, "service");
  boost::json::object service{{"service", *input.service}};
  if (input.entrypoint && !input.entrypoint->empty()) {
    service["entrypoint"] = *input.entrypoint;
  }
  if (input.props && !input.props->is_null()) {
    if (!input.props->is_object()) {
      return Error(
          ErrorCode::kInvalid,
          fmt::format("binding \"{}\": props is not an object", input.name));
    }
    service["props"] = *input.props;
  }
  return boost::json::serialize(service);
}

void ShowService(const std::string& text, boost::json::object& seen) {
  boost::json::error_code error;
  const boost::json::value service = boost::json::parse(text, error);
  if (error || !service.is_object()) return;
  for (const auto& [key, value] : service.as_object()) seen[key] = value;
  seen["environment"] = "production";
}

void ShowPart(const std::string& text, boost::json::object& seen) {
  seen["part"] = text;
}

void ShowNamespace(const std::string& text, boost::json::object& seen) {
  seen["namespace_id"] = text;
}

void ShowNothing(const std::string&, boost::json::object&) {}

constexpr auto kBuilt = std::to_array<Built>({
    {"plain_text", BindingType::kPlainText, ReadText, ShowText},
    {"json", BindingType::kJson, ReadJson, ShowJson},
    {"secret_text", BindingType::kSecretText, ReadText, ShowNothing},
    {"version_metadata", BindingType::kVersionMetadata, ReadNothing,
     ShowNothing},
    {"service", BindingType::kService, ReadService, ShowService},
    {"assets", BindingType::kAssets, ReadNothing, ShowNothing},
    {"wasm_module", BindingType::kWasmModule, ReadPart, ShowPart},
    {"text_blob", BindingType::kTextBlob, ReadPart, ShowPart},
    {"data_blob", BindingType::kDataBlob, ReadPart, ShowPart},
    {"kv_namespace", BindingType::kKvNamespace, ReadNamespace, ShowNamespace},
    {"ratelimit", BindingType::kRatelimit, ReadRateLimit, ShowRateLimit},
});

constexpr std::string_view kInherit = "inherit";

// Types that Workers have, with the product behind each and the key in the
// wrangler configuration that asks for it.
struct NotBuiltType {
  std::string_view name;
  std::string_view product;
  std::string_view key;
  std::string_view beside = "";  // another key that goes with it
};
constexpr auto kNotBuilt = std::to_array<NotBuiltType>({
    {"agent_memory", "Agent Memory", "agent_memory"},
    {"ai", "Workers AI", "ai"},
    {"ai_search", "AI Search", "ai_search"},
    {"ai_search_namespace", "AI Search", "ai_search_namespaces"},
    {"analytics", "Analytics", "analytics"},
    {"analytics_engine", "Analytics Engine", "analytics_engine_datasets"},
    {"artifacts", "Artifacts", "artifacts"},
    {"browser", "Browser Rendering", "browser"},
    {"d1", "D1", "d1_databases"},
    {"dispatch_namespace", "Workers for Platforms", "dispatch_namespaces"},
    {"durable_object_namespace", "Durable Objects", "durable_objects",
     "migrations"},
    {"flagship", "Flagship", "flagship"},
    {"hyperdrive", "Hyperdrive", "hyperdrive"},
    {"images", "Images", "images"},
    {"k2", "K2", "k2"},
    {"logfwdr", "log forwarding", "logfwdr"},
    {"media", "Media Transformations", "media"},
    {"mtls_certificate", "mTLS certificates", "mtls_certificates"},
    {"pipelines", "Pipelines", "pipelines"},
    {"queue", "Queues", "queues"},
    {"r2_bucket", "R2", "r2_buckets"},
    {"secret_key", "key secrets", "secrets"},
    {"secrets_store_secret", "Secrets Store", "secrets_store_secrets"},
    {"send_email", "Email", "send_email"},
    {"stream", "Stream", "stream"},
    {"vectorize", "Vectorize", "vectorize"},
    {"vpc_network", "Workers VPC", "vpc_networks"},
    {"vpc_service", "Workers VPC", "vpc_services"},
    {"worker_loader", "Worker Loader", "worker_loaders"},
    {"workflow", "Workflows", "workflows"},
});

Error Refused(const BindingInput& input) {
  const std::string binding =
      fmt::format("binding \"{}\" of type \"{}\"", input.name, input.type);
  const auto known =
      std::ranges::find(kNotBuilt, input.type, &NotBuiltType::name);
  if (known != kNotBuilt.end()) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("{}: Caravel does not have {} yet", binding,
                             known->product))
        .Remedy(fmt::format(
            "remove it from \"{}\" in the wrangler configuration{}", known->key,
            known->beside.empty()
                ? ""
                : fmt::format(", and \"{}\" with it", known->beside)));
  }
  std::vector<std::string_view> built = {kInherit};
  for (const Built& type : kBuilt) built.push_back(type.name);
  std::vector<std::string_view> names = built;
  for (const NotBuiltType& type : kNotBuilt) names.push_back(type.name);
  return Error(ErrorCode::kInvalid,
               fmt::format("{}: no such type of binding{}", binding,
                           base::DidYouMean(input.type, names)))
      .Remedy(fmt::format("Caravel has {}", fmt::join(built, ", ")));
}

Result<Binding> ToBinding(const BindingInput& input) {
  const auto built = std::ranges::find(kBuilt, input.type, &Built::name);
  if (built == kBuilt.end()) return Refused(input);
  CARAVEL_TRY(std::string text, built->read(input));
  return Binding{
      .name = input.name, .type = built->type, .text = std::move(text)};
}

}  // namespace

Status AddBindings(const std::vector<BindingInput>& inputs,
                   registry::NewVersion& version) {
  std::vector<std::string_view> names;
  for (const BindingInput& input : inputs) {
    if (std::ranges::find(names, input.name) != names.end()) {
      return Error(ErrorCode::kInvalid,
                   fmt::format("binding \"{}\": is there twice", input.name))
          .Remedy("give each binding, var and secret a name of its own");
    }
    names.push_back(input.name);
    if (input.type == kInherit) {
      version.inherited.push_back(input.name);
      continue;
    }
    CARAVEL_TRY(version.bindings.emplace_back(), ToBinding(input));
  }
  return {};
}

std::vector<BindingType> KeptTypes(const std::vector<std::string>& names) {
  std::vector<BindingType> types;
  for (const Built& built : kBuilt) {
    if (std::ranges::find(names, built.name) != names.end()) {
      types.push_back(built.type);
    }
  }
  return types;
}

ServiceNamed ServiceOf(const Binding& binding) {
  CARAVEL_CHECK(binding.type == BindingType::kService, binding.name);
  boost::system::error_code error;
  const boost::json::value service = boost::json::parse(binding.text, error);
  if (error || !service.is_object()) return {};
  const auto text = [&service](std::string_view key) {
    const boost::json::value* value = service.as_object().if_contains(key);
    return value != nullptr && value->is_string()
               ? std::string(value->as_string())
               : std::string();
  };
  ServiceNamed named{.worker = text("service"),
                     .entrypoint = text("entrypoint")};
  // The same, by its name.
  if (named.entrypoint == "default") named.entrypoint.clear();
  return named;
}

boost::json::value BindingSeen(const Binding& binding) {
  const auto built = std::ranges::find(kBuilt, binding.type, &Built::type);
  boost::json::object seen{{"name", binding.name}, {"type", built->name}};
  built->show(binding.text, seen);
  return seen;
}

}  // namespace caravel::api
