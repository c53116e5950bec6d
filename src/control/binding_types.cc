#include "control/binding_types.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/nearest_name.h"

namespace caravel::api {
namespace {

using registry::Binding;
using registry::BindingType;

struct Built {
  std::string_view name;
  BindingType type;
};
constexpr auto kBuilt = std::to_array<Built>({
    {"plain_text", BindingType::kPlainText},
    {"json", BindingType::kJson},
    {"secret_text", BindingType::kSecretText},
    {"version_metadata", BindingType::kVersionMetadata},
});

constexpr std::string_view kInherit = "inherit";

// Types that Workers have, with the product behind each and the key in the
// wrangler configuration that asks for it.
struct NotBuiltType {
  std::string_view name;
  std::string_view product;
  std::string_view key;
};
constexpr auto kNotBuilt = std::to_array<NotBuiltType>({
    {"agent_memory", "Agent Memory", "agent_memory"},
    {"ai", "Workers AI", "ai"},
    {"ai_search", "AI Search", "ai_search"},
    {"ai_search_namespace", "AI Search", "ai_search_namespaces"},
    {"analytics", "Analytics", "analytics"},
    {"analytics_engine", "Analytics Engine", "analytics_engine_datasets"},
    {"artifacts", "Artifacts", "artifacts"},
    {"assets", "Static Assets", "assets"},
    {"browser", "Browser Rendering", "browser"},
    {"d1", "D1", "d1_databases"},
    {"data_blob", "data blobs of service workers", "data_blobs"},
    {"dispatch_namespace", "Workers for Platforms", "dispatch_namespaces"},
    {"durable_object_namespace", "Durable Objects", "durable_objects"},
    {"flagship", "Flagship", "flagship"},
    {"hyperdrive", "Hyperdrive", "hyperdrive"},
    {"images", "Images", "images"},
    {"k2", "K2", "k2"},
    {"kv_namespace", "KV", "kv_namespaces"},
    {"logfwdr", "log forwarding", "logfwdr"},
    {"media", "Media Transformations", "media"},
    {"mtls_certificate", "mTLS certificates", "mtls_certificates"},
    {"pipelines", "Pipelines", "pipelines"},
    {"queue", "Queues", "queues"},
    {"r2_bucket", "R2", "r2_buckets"},
    {"ratelimit", "rate limiting", "ratelimits"},
    {"secret_key", "key secrets", "secrets"},
    {"secrets_store_secret", "Secrets Store", "secrets_store_secrets"},
    {"send_email", "Email", "send_email"},
    {"service", "Service bindings", "services"},
    {"stream", "Stream", "stream"},
    {"text_blob", "text blobs of service workers", "text_blobs"},
    {"vectorize", "Vectorize", "vectorize"},
    {"vpc_network", "Workers VPC", "vpc_networks"},
    {"vpc_service", "Workers VPC", "vpc_services"},
    {"wasm_module", "Wasm modules of service workers", "wasm_modules"},
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
        .Remedy(fmt::format("remove it from \"{}\" in the wrangler "
                            "configuration",
                            known->key));
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
  Binding binding{.name = input.name, .type = built->type, .text = {}};
  if (built->type == BindingType::kVersionMetadata) return binding;
  const bool is_json = built->type == BindingType::kJson;
  if (is_json ? !input.json : !input.text) {
    return Error(
        ErrorCode::kInvalid,
        fmt::format("binding \"{}\" of type \"{}\": \"{}\" is required",
                    input.name, input.type, is_json ? "json" : "text"));
  }
  binding.text = is_json ? boost::json::serialize(*input.json) : *input.text;
  return binding;
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

boost::json::value BindingSeen(const Binding& binding) {
  const auto built = std::ranges::find(kBuilt, binding.type, &Built::type);
  boost::json::object seen{{"name", binding.name}, {"type", built->name}};
  switch (binding.type) {
    case BindingType::kPlainText:
      seen["text"] = binding.text;
      break;
    case BindingType::kJson: {
      boost::json::error_code error;
      seen["json"] = boost::json::parse(binding.text, error);
      break;
    }
    case BindingType::kSecretText:
    case BindingType::kVersionMetadata:
      break;
  }
  return seen;
}

}  // namespace caravel::api
