#include "control/script_endpoints.h"

#include "base/clock.h"
#include "control/worker_urls.h"

namespace caravel::api {
namespace {

Result<DeletedSeen> Delete(Caller& caller, const std::string& worker) {
  CARAVEL_TRY(const registry::Worker known,
              caller.services.registry.GetWorker(caller.account, worker));
  CARAVEL_TRY(const registry::Sequence sequence,
              caller.services.registry.DeleteWorker(caller.account, worker));
  caller.services.observer.Published(sequence);
  caller.services.observer.ObservabilityChanged(known.id, {});
  return DeletedSeen{worker};
}

}  // namespace

Answer<UploadedSeen> PutScript(Caller& caller, const ScriptPath& path,
                               Multipart<UploadMetadata> upload) {
  registry::Registry& registry = caller.services.registry;
  // What it says of itself is judged before its code is started.
  CARAVEL_TRY(registry::Origin origin,
              OriginOf(caller, upload.metadata.annotations, "upload"));
  auto prepared = PrepareVersion(caller, path.script_name, upload);
  if (!prepared) return std::move(prepared).failure();
  CARAVEL_TRY(const registry::Published published,
              registry.Publish(caller.account, path.script_name,
                               std::move(prepared).value(), std::move(origin),
                               SettingsOf(upload.metadata)));
  caller.services.observer.Published(published.sequence);
  caller.services.observer.ObservabilityChanged(
      published.worker.id, published.worker.settings.observability);

  const registry::VersionRecord& record = *published.version;
  return UploadedSeen{
      .id = published.worker.name,
      .tag = published.worker.id.value,
      .etag = record.version.bundle_digest.empty()
                  ? record.version.assets_digest
                  : record.version.bundle_digest,
      .deployment_id = record.version.id.value,
      .startup_time_ms = record.startup_ms,
      .handlers = record.handlers,
      .created_on = base::FormatTime(published.worker.created),
      .modified_on = base::FormatTime(published.worker.modified)};
}

Answer<VersionSeen> PostVersion(Caller& caller, const ScriptPath& path,
                                Multipart<UploadMetadata> upload) {
  registry::Registry& registry = caller.services.registry;
  // A Worker that does not exist is told before its code is started.
  CARAVEL_TRY(const registry::Worker worker,
              registry.GetWorker(caller.account, path.script_name));
  CARAVEL_TRY(registry::Origin origin,
              OriginOf(caller, upload.metadata.annotations, "upload"));
  auto prepared = PrepareVersion(caller, path.script_name, upload);
  if (!prepared) return std::move(prepared).failure();
  registry::WorkerSettingsPatch settings;
  settings.observability = SettingsOf(upload.metadata).observability;
  CARAVEL_TRY(const registry::VersionRecord record,
              registry.CreateVersion(caller.account, path.script_name,
                                     std::move(prepared).value(),
                                     std::move(origin), settings));
  caller.services.observer.Published(record.sequence);
  if (settings.observability) {
    caller.services.observer.ObservabilityChanged(record.worker,
                                                  *settings.observability);
  }
  VersionSeen seen = Seen(record);
  seen.metadata.has_preview = !PreviewSuffix(caller, worker).empty();
  return seen;
}

Result<std::vector<ScriptListed>> ListScripts(Caller& caller,
                                              const AccountPath&) {
  CARAVEL_TRY(const std::vector<registry::Worker> workers,
              caller.services.registry.ListWorkers(caller.account));
  std::vector<ScriptListed> listed;
  for (const registry::Worker& worker : workers) {
    listed.push_back({.id = worker.name,
                      .tag = worker.id.value,
                      .created_on = base::FormatTime(worker.created),
                      .modified_on = base::FormatTime(worker.modified)});
  }
  return listed;
}

Result<DeletedSeen> DeleteScript(Caller& caller, const ScriptPath& path) {
  return Delete(caller, path.script_name);
}

Result<DeletedSeen> DeleteService(Caller& caller, const ServicePath& path) {
  return Delete(caller, path.service);
}

}  // namespace caravel::api
