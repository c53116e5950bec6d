#include "control/settings_endpoints.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace caravel::api {
namespace {

// The newest version of a Worker that exists; every Worker has one.
Result<registry::VersionRecord> NewestVersion(Caller& caller,
                                              const std::string& worker) {
  CARAVEL_TRY(std::vector<registry::VersionRecord> records,
              caller.services.registry.ListVersions(caller.account, worker, 1));
  if (records.empty()) {
    return Error(ErrorCode::kNotFound,
                 fmt::format("Worker \"{}\" has no version", worker));
  }
  return std::move(records.front());
}

// A JSON text that this API stored itself.
std::optional<boost::json::value> Stored(const std::string& text) {
  if (text.empty()) return std::nullopt;
  boost::json::error_code error;
  auto value = boost::json::parse(text, error);
  return error ? std::nullopt : std::optional(std::move(value));
}

std::vector<boost::json::value> StoredList(const std::string& text) {
  const auto value = Stored(text);
  if (!value || !value->is_array()) return {};
  return {value->get_array().begin(), value->get_array().end()};
}

ScriptSettings Shown(const registry::WorkerSettings& settings) {
  return {.tags = settings.tags,
          .logpush = settings.logpush,
          .observability = Stored(settings.observability),
          .tail_consumers = StoredList(settings.tail_consumers)};
}

// wrangler says {"enabled": false}, and that alone, of every project that says
// nothing: then no setting is left. Where the upload before has said that logs
// are off, they are.
std::string Observability(const boost::json::value& asked,
                          const std::string& known) {
  const boost::json::value nothing = {{"enabled", false}};
  std::string text = boost::json::serialize(asked);
  return asked == nothing && text != known ? std::string() : text;
}

Error NotBuiltSetting(std::string_view key, std::string_view product) {
  return Error(ErrorCode::kInvalid,
               fmt::format("{}: {}: not built in Caravel yet", key, product))
      .Remedy(
          fmt::format("remove \"{}\" from the wrangler configuration", key));
}

}  // namespace

Result<SettingsSeen> GetSettings(Caller& caller, const ScriptPath& path) {
  CARAVEL_TRY(
      const registry::Worker worker,
      caller.services.registry.GetWorker(caller.account, path.script_name));
  CARAVEL_TRY(const registry::VersionRecord record,
              NewestVersion(caller, path.script_name));
  const VersionResourcesSeen resources = Seen(record).resources;
  return SettingsSeen{
      .bindings = resources.bindings,
      .compatibility_date = resources.script_runtime.compatibility_date,
      .compatibility_flags = resources.script_runtime.compatibility_flags,
      .limits = resources.script_runtime.limits,
      .usage_model = resources.script_runtime.usage_model,
      .tags = worker.settings.tags,
      .logpush = worker.settings.logpush,
      .observability = Stored(worker.settings.observability),
      .tail_consumers = StoredList(worker.settings.tail_consumers)};
}

Result<ScriptSettings> GetScriptSettings(Caller& caller,
                                         const ScriptPath& path) {
  CARAVEL_TRY(
      const registry::Worker worker,
      caller.services.registry.GetWorker(caller.account, path.script_name));
  return Shown(worker.settings);
}

Result<ScriptSettings> PatchScriptSettings(Caller& caller,
                                           const ScriptPath& path,
                                           ScriptSettings input) {
  if (input.logpush.value_or(false)) {
    return NotBuiltSetting("logpush", "Logpush");
  }
  if (input.tail_consumers && !input.tail_consumers->empty()) {
    return NotBuiltSetting("tail_consumers", "Tail Workers");
  }
  registry::WorkerSettingsPatch patch{.tags = std::move(input.tags),
                                      .logpush = input.logpush,
                                      .observability = {},
                                      .tail_consumers = {}};
  if (input.observability) {
    if (!input.observability->is_object()) {
      return Error(ErrorCode::kInvalid, "observability: must be an object");
    }
    CARAVEL_TRY(
        const registry::Worker known,
        caller.services.registry.GetWorker(caller.account, path.script_name));
    patch.observability =
        Observability(*input.observability, known.settings.observability);
  }
  CARAVEL_TRY(const registry::Worker worker,
              caller.services.registry.PatchSettings(caller.account,
                                                     path.script_name, patch));
  if (patch.observability) {
    caller.services.observer.ObservabilityChanged(
        worker.id, worker.settings.observability);
  }
  return Shown(worker.settings);
}

Result<SubdomainState> GetSubdomainState(Caller& caller,
                                         const ScriptPath& path) {
  CARAVEL_TRY(
      const registry::Worker worker,
      caller.services.registry.GetWorker(caller.account, path.script_name));
  return SubdomainState{.enabled = worker.subdomain_enabled,
                        .previews_enabled = worker.previews_enabled};
}

Result<SubdomainState> PostSubdomainState(Caller& caller,
                                          const ScriptPath& path,
                                          SubdomainState input) {
  CARAVEL_TRY(const registry::Registry::WorkerChanged changed,
              caller.services.registry.SetSubdomain(
                  caller.account, path.script_name, input.enabled,
                  input.previews_enabled));
  caller.services.observer.Published(changed.sequence);
  return SubdomainState{.enabled = changed.worker.subdomain_enabled,
                        .previews_enabled = changed.worker.previews_enabled};
}

}  // namespace caravel::api
