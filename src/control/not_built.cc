#include "control/not_built.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace caravel::api {
namespace {

struct Family {
  std::string_view method;  // empty: any
  std::string_view prefix;  // by segments; "*" stands for any one
  std::string_view product;
  // That of a Worker's configuration that asks for it; empty: there is none.
  std::string_view key = "";
};

// The first that fits counts.
constexpr auto kFamilies = std::to_array<Family>({
    {"", "/accounts/*/workers/scripts/*/assets-upload-session",
     "Static Assets"},
    {"", "/accounts/*/workers/scripts/*/edge-preview",
     "`wrangler dev --remote`"},
    {"", "/accounts/*/workers/scripts/*/usage-model", "Usage models"},
    {"", "/accounts/*/workers/assets", "Static Assets"},
    {"", "/accounts/*/workers/dispatch", "Workers for Platforms"},
    {"", "/accounts/*/workers/durable_objects", "Durable Objects",
     "durable_objects"},
    {"", "/accounts/*/workers/subdomain/edge-preview",
     "`wrangler dev --remote`"},
    {"PUT", "/accounts/*/workers/subdomain", "Changing the subdomain"},
    {"", "/accounts/*/workers/scripts/*/subdomain/edge-preview",
     "`wrangler dev --remote`"},
    {"", "/accounts/*/workers/services/*/environments", "Service environments"},
    {"", "/accounts/*/workers/subdomains", "Changing the subdomain"},
    {"", "/accounts/*/workers/workers", "`wrangler preview`"},
    {"", "/accounts/*/d1", "D1", "d1_databases"},
    {"", "/accounts/*/r2", "R2", "r2_buckets"},
    {"", "/accounts/*/r2-catalog", "R2 Data Catalog"},
    {"", "/accounts/*/queues", "Queues", "queues"},
    {"", "/accounts/*/workflows", "Workflows", "workflows"},
    {"", "/accounts/*/event_subscriptions", "Event subscriptions"},
    {"", "/accounts/*/event_notifications", "Event notifications"},
    {"", "/accounts/*/vectorize", "Vectorize", "vectorize"},
    {"", "/accounts/*/hyperdrive", "Hyperdrive", "hyperdrive"},
    {"", "/accounts/*/ai", "Workers AI", "ai"},
    {"", "/accounts/*/ai-search", "AI Search"},
    {"", "/accounts/*/agent-memory", "Agent Memory"},
    {"", "/accounts/*/artifacts", "Artifacts"},
    {"", "/accounts/*/browser-rendering", "Browser Rendering", "browser"},
    {"", "/accounts/*/challenges", "Turnstile"},
    {"", "/accounts/*/cloudchamber", "Containers", "containers"},
    {"", "/accounts/*/connectivity", "Workers VPC", "vpc_services"},
    {"", "/accounts/*/flagship", "Flagship"},
    {"", "/accounts/*/images", "Images", "images"},
    {"", "/accounts/*/images_edge", "Images", "images"},
    {"", "/accounts/*/k2", "K2"},
    {"", "/accounts/*/pubsub", "Pub/Sub"},
    {"", "/accounts/*/pages", "Pages"},
    {"", "/accounts/*/pipelines", "Pipelines", "pipelines"},
    {"", "/accounts/*/secrets_store", "Secrets Store", "secrets_store_secrets"},
    {"", "/accounts/*/containers", "Containers", "containers"},
    {"", "/accounts/*/mtls_certificates", "mTLS certificates",
     "mtls_certificates"},
    {"", "/accounts/*/cfd_tunnel", "Tunnels"},
    {"", "/accounts/*/email", "Email"},
    {"", "/accounts/*/triggers", "Event triggers"},
    {"", "/zones/*/email", "Email"},
    {"", "/zones/*/workers/edge-preview", "`wrangler dev --remote`"},
    {"", "/zones", "Settings of zones"},
    {"", "/graphql", "GraphQL analytics"},
});

// Takes the first segment of `path` off: "/a/b" gives "a" and leaves "/b".
std::string_view TakeSegment(std::string_view& path) {
  path.remove_prefix(1);
  const size_t end = std::min(path.find('/'), path.size());
  const std::string_view segment = path.substr(0, end);
  path.remove_prefix(end);
  return segment;
}

bool HasPrefix(std::string_view path, std::string_view prefix) {
  while (!prefix.empty()) {
    if (path.empty()) return false;
    const std::string_view expected = TakeSegment(prefix);
    if (const auto segment = TakeSegment(path);
        expected != "*" && expected != segment) {
      return false;
    }
  }
  return true;
}

const Family* FindFamily(std::string_view method, std::string_view path) {
  const auto found = std::ranges::find_if(kFamilies, [&](const Family& family) {
    return (family.method.empty() || family.method == method) &&
           HasPrefix(path, family.prefix);
  });
  return found == kFamilies.end() ? nullptr : &*found;
}

}  // namespace

std::string_view NotBuiltProduct(std::string_view method,
                                 std::string_view path) {
  const Family* family = FindFamily(method, path);
  return family == nullptr ? std::string_view() : family->product;
}

Error NotBuilt(std::string_view method, std::string_view path) {
  const Family* family = FindFamily(method, path);
  if (family == nullptr) {
    return Error(ErrorCode::kNotFound,
                 fmt::format("{} {}: Caravel's API does not have this path",
                             method, path))
        .Remedy("/client/v4/openapi.json lists what it has");
  }
  return Error(ErrorCode::kNotFound,
               fmt::format("{}: not built in Caravel yet ({} {})",
                           family->product, method, path))
      .Remedy(fmt::format(
          "what asks for it does not work here; where that is a deployment, "
          "remove what needs it from {}",
          family->key.empty()
              ? "the Worker's configuration"
              : fmt::format("\"{}\" in the wrangler configuration",
                            family->key)));
}

}  // namespace caravel::api
