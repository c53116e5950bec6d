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
  std::string_view remedy =
      "remove what needs it from the Worker's configuration";
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
    {"", "/accounts/*/workers/durable_objects", "Durable Objects"},
    {"", "/accounts/*/workers/subdomain/edge-preview",
     "`wrangler dev --remote`"},
    {"PUT", "/accounts/*/workers/subdomain", "Changing the subdomain"},
    {"", "/accounts/*/workers/scripts/*/subdomain/edge-preview",
     "`wrangler dev --remote`"},
    {"", "/accounts/*/workers/services/*/environments", "Service environments"},
    {"", "/accounts/*/workers/subdomains", "Changing the subdomain"},
    {"", "/accounts/*/workers/workers", "`wrangler preview`"},
    {"", "/accounts/*/d1", "D1"},
    {"", "/accounts/*/r2", "R2"},
    {"", "/accounts/*/r2-catalog", "R2 Data Catalog"},
    {"", "/accounts/*/queues", "Queues"},
    {"", "/accounts/*/workflows", "Workflows"},
    {"", "/accounts/*/event_subscriptions", "Event subscriptions"},
    {"", "/accounts/*/event_notifications", "Event notifications"},
    {"", "/accounts/*/vectorize", "Vectorize"},
    {"", "/accounts/*/hyperdrive", "Hyperdrive"},
    {"", "/accounts/*/ai", "Workers AI"},
    {"", "/accounts/*/ai-search", "AI Search"},
    {"", "/accounts/*/agent-memory", "Agent Memory"},
    {"", "/accounts/*/artifacts", "Artifacts"},
    {"", "/accounts/*/browser-rendering", "Browser Rendering"},
    {"", "/accounts/*/challenges", "Turnstile"},
    {"", "/accounts/*/cloudchamber", "Containers"},
    {"", "/accounts/*/connectivity", "Workers VPC"},
    {"", "/accounts/*/flagship", "Flagship"},
    {"", "/accounts/*/images", "Images"},
    {"", "/accounts/*/images_edge", "Images"},
    {"", "/accounts/*/k2", "K2"},
    {"", "/accounts/*/pubsub", "Pub/Sub"},
    {"", "/accounts/*/pages", "Pages"},
    {"", "/accounts/*/pipelines", "Pipelines"},
    {"", "/accounts/*/secrets_store", "Secrets Store"},
    {"", "/accounts/*/containers", "Containers"},
    {"", "/accounts/*/mtls_certificates", "mTLS certificates"},
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
      .Remedy(std::string(family->remedy));
}

}  // namespace caravel::api
