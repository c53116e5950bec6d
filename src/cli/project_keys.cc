#include "cli/project_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/nearest_name.h"

namespace caravel::cli {
namespace {

// Of wrangler 4.164, at the top level and in an environment. Source: the file
// config-schema.json of its package.
constexpr std::string_view kKnownKeys[] = {"$schema",
                                           "access",
                                           "account_id",
                                           "addresses",
                                           "agent_memory",
                                           "ai",
                                           "ai_search",
                                           "ai_search_namespaces",
                                           "alias",
                                           "analytics",
                                           "analytics_engine_datasets",
                                           "artifacts",
                                           "assets",
                                           "base_dir",
                                           "browser",
                                           "build",
                                           "cache",
                                           "cloudchamber",
                                           "compatibility_date",
                                           "compatibility_flags",
                                           "compliance_region",
                                           "connect",
                                           "containers",
                                           "d1_databases",
                                           "data_blobs",
                                           "define",
                                           "dependencies_instrumentation",
                                           "dev",
                                           "dispatch_namespaces",
                                           "durable_objects",
                                           "env",
                                           "exports",
                                           "find_additional_modules",
                                           "first_party_worker",
                                           "flagship",
                                           "hyperdrive",
                                           "images",
                                           "jsx_factory",
                                           "jsx_fragment",
                                           "k2",
                                           "keep_names",
                                           "keep_vars",
                                           "kv_namespaces",
                                           "limits",
                                           "logfwdr",
                                           "logpush",
                                           "main",
                                           "media",
                                           "migrations",
                                           "minify",
                                           "mtls_certificates",
                                           "name",
                                           "no_bundle",
                                           "observability",
                                           "pages_build_output_dir",
                                           "pipelines",
                                           "placement",
                                           "preserve_file_names",
                                           "preview_urls",
                                           "previews",
                                           "python_modules",
                                           "queues",
                                           "r2_buckets",
                                           "ratelimits",
                                           "route",
                                           "routes",
                                           "rules",
                                           "secrets",
                                           "secrets_store_secrets",
                                           "send_email",
                                           "send_metrics",
                                           "services",
                                           "site",
                                           "stream",
                                           "streaming_tail_consumers",
                                           "tail_consumers",
                                           "text_blobs",
                                           "triggers",
                                           "tsconfig",
                                           "unsafe",
                                           "unsafe_hello_world",
                                           "upload_source_maps",
                                           "vars",
                                           "vectorize",
                                           "version_metadata",
                                           "vpc_networks",
                                           "vpc_services",
                                           "wasm_modules",
                                           "worker_loaders",
                                           "workers_dev",
                                           "workflows"};

constexpr std::string_view kLimits[] = {"limits.cpu_ms", "limits.subrequests"};

void WarnUnlessKnown(std::string_view key,
                     std::span<const std::string_view> known,
                     std::vector<std::string>& warnings) {
  if (std::ranges::find(known, key) != known.end()) return;
  warnings.push_back(fmt::format("there is no field \"{}\"{}", key,
                                 base::DidYouMean(key, known)));
}

}  // namespace

std::vector<std::string> UnknownKeyWarnings(const boost::json::object& config) {
  std::vector<std::string> warnings;
  for (const auto& entry : config) {
    WarnUnlessKnown(entry.key(), kKnownKeys, warnings);
  }
  const boost::json::value* limits = config.if_contains("limits");
  if (limits == nullptr || !limits->is_object()) return warnings;
  for (const auto& entry : limits->as_object()) {
    WarnUnlessKnown(fmt::format("limits.{}", std::string_view(entry.key())),
                    kLimits, warnings);
  }
  return warnings;
}

}  // namespace caravel::cli
