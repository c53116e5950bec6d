#include "control/worker_views.h"

#include "base/clock.h"
#include "control/binding_types.h"

namespace caravel::api {

VersionSeen Seen(const registry::VersionRecord& record) {
  const registry::Version& version = record.version;
  VersionSeen seen{
      .id = version.id.value,
      .number = record.number,
      .metadata = {.created_on = base::FormatTime(record.created),
                   .modified_on = base::FormatTime(record.created),
                   .author_email = record.origin.author,
                   .source = record.origin.source,
                   .has_preview = false},
      .annotations = record.origin.annotations,
      .resources = {.script = {.etag = version.bundle_digest.empty()
                                           ? version.assets_digest
                                           : version.bundle_digest,
                               .handlers = record.handlers,
                               .named_handlers = record.entrypoints},
                    .script_runtime =
                        {.compatibility_date = version.compatibility_date,
                         .compatibility_flags = version.compatibility_flags,
                         .limits = {.cpu_ms = version.limits.cpu_ms,
                                    .subrequests = version.limits.subrequests},
                         .usage_model = "standard"},
                    .bindings = {}},
      .startup_time_ms = record.startup_ms};
  for (const registry::Binding& binding : version.bindings) {
    seen.resources.bindings.push_back(BindingSeen(binding));
  }
  return seen;
}

DeploymentSeen Seen(const registry::Deployment& deployment) {
  DeploymentSeen seen{.id = deployment.id.value,
                      .source = deployment.origin.source,
                      .strategy = "percentage",
                      .author_email = deployment.origin.author,
                      .created_on = base::FormatTime(deployment.created),
                      .annotations = deployment.origin.annotations,
                      .versions = {}};
  for (const registry::TrafficShare& share : deployment.traffic) {
    seen.versions.push_back({.version_id = share.version.value,
                             .percentage = share.hundredths / 100.0});
  }
  return seen;
}

}  // namespace caravel::api
