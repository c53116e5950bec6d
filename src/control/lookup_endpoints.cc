#include "control/lookup_endpoints.h"

#include <fmt/format.h>

#include "base/clock.h"
#include "control/worker_urls.h"

namespace caravel::api {

Result<registry::Worker> FindWorker(Caller& caller, const std::string& key) {
  registry::Registry& registry = caller.services.registry;
  auto named = registry.GetWorker(caller.account, key);
  if (named || named.error().code() != ErrorCode::kNotFound) return named;
  CARAVEL_TRY(std::vector<registry::Worker> workers,
              registry.ListWorkers(caller.account));
  for (registry::Worker& worker : workers) {
    if (worker.id.value == key) return std::move(worker);
  }
  return named;
}

Result<ServiceSeen> GetService(Caller& caller, const ServicePath& path) {
  CARAVEL_TRY(const registry::Worker worker,
              caller.services.registry.GetWorker(caller.account, path.service));
  return ServiceSeen{
      .id = worker.name,
      .default_environment = {
          .environment = "production",
          .script = {.id = worker.name,
                     .tag = worker.id.value,
                     .tags = worker.settings.tags,
                     .last_deployed_from = "wrangler",
                     .created_on = base::FormatTime(worker.created),
                     .modified_on = base::FormatTime(worker.modified)}}};
}

Result<AccountSubdomain> GetAccountSubdomain(Caller& caller,
                                             const AccountPath&) {
  CARAVEL_TRY(registry::Account account,
              caller.services.registry.GetAccount(caller.account));
  return AccountSubdomain{std::move(account.subdomain)};
}

Result<WorkerSeen> GetWorker(Caller& caller, const WorkerPath& path) {
  CARAVEL_TRY(const registry::Worker worker, FindWorker(caller, path.worker));
  return WorkerSeen{
      .id = worker.id.value,
      .name = worker.name,
      .subdomain = {.enabled = worker.subdomain_enabled,
                    .previews_enabled = worker.previews_enabled,
                    .url = UrlOf(caller, worker),
                    .preview_url_suffix = PreviewSuffix(caller, worker)},
      .tags = worker.settings.tags,
      .created_on = base::FormatTime(worker.created),
      .updated_on = base::FormatTime(worker.modified)};
}

}  // namespace caravel::api
