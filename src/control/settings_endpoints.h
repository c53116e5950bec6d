#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <vector>

#include "control/endpoint_traits.h"
#include "control/paths.h"
#include "control/services.h"
#include "control/worker_views.h"

// What is set on a Worker beside its code.
namespace caravel::api {

struct SettingsSeen {
  std::vector<boost::json::value> bindings;
  std::string compatibility_date;
  std::vector<std::string> compatibility_flags;
  LimitsSeen limits;
  std::string usage_model;
  std::vector<std::string> tags;
  bool logpush = false;
  std::optional<boost::json::value> observability;
  std::vector<boost::json::value> tail_consumers;
};
BOOST_DESCRIBE_STRUCT(SettingsSeen, (),
                      (bindings, compatibility_date, compatibility_flags,
                       limits, usage_model, tags, logpush, observability,
                       tail_consumers))

struct ScriptSettings {
  std::optional<std::vector<std::string>> tags;
  std::optional<bool> logpush;
  std::optional<boost::json::value> observability;
  std::optional<std::vector<boost::json::value>> tail_consumers;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&ScriptSettings::tags, "Words to find the Worker by")
            .Length(0, 100),
        api::Field(&ScriptSettings::logpush, "Logpush is not built yet: false"),
        api::Field(&ScriptSettings::observability,
                   "{enabled, head_sampling_rate, logs}"),
        api::Field(&ScriptSettings::tail_consumers,
                   "Tail Workers are not built yet: none"));
  }
};
BOOST_DESCRIBE_STRUCT(ScriptSettings, (),
                      (tags, logpush, observability, tail_consumers))

struct SubdomainState {
  std::optional<bool> enabled;
  std::optional<bool> previews_enabled;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&SubdomainState::enabled,
                   "Whether it answers under its host names"),
        api::Field(&SubdomainState::previews_enabled,
                   "Whether its versions shall have URLs of their own"));
  }
};
BOOST_DESCRIBE_STRUCT(SubdomainState, (), (enabled, previews_enabled))

Result<SettingsSeen> GetSettings(Caller& caller, const ScriptPath& path);
Result<ScriptSettings> GetScriptSettings(Caller& caller,
                                         const ScriptPath& path);
Result<ScriptSettings> PatchScriptSettings(Caller& caller,
                                           const ScriptPath& path,
                                           ScriptSettings input);
Result<SubdomainState> GetSubdomainState(Caller& caller,
                                         const ScriptPath& path);
Result<SubdomainState> PostSubdomainState(Caller& caller,
                                          const ScriptPath& path,
                                          SubdomainState input);

inline constexpr Endpoint kGetSettings{
    .method = Method::kGet,
    .path = "/accounts/{account_id}/workers/scripts/{script_name}/settings",
    .scope = Scope::kWorkersRead,
    .summary = "See the settings and bindings of a Worker's newest version",
    .handler = &GetSettings,
};

inline constexpr Endpoint kGetScriptSettings{
    .method = Method::kGet,
    .path =
        "/accounts/{account_id}/workers/scripts/{script_name}/script-settings",
    .scope = Scope::kWorkersRead,
    .summary = "See the settings of a Worker that need no new version",
    .handler = &GetScriptSettings,
};

inline constexpr Endpoint kPatchScriptSettings{
    .method = Method::kPatch,
    .path =
        "/accounts/{account_id}/workers/scripts/{script_name}/script-settings",
    .scope = Scope::kWorkersWrite,
    .summary = "Change settings of a Worker that need no new version",
    .example = R"({"tags":["team:web"],"observability":{"enabled":false}})",
    .handler = &PatchScriptSettings,
};

inline constexpr Endpoint kGetSubdomainState{
    .method = Method::kGet,
    .path = "/accounts/{account_id}/workers/scripts/{script_name}/subdomain",
    .scope = Scope::kWorkersRead,
    .summary = "Whether a Worker answers under its host names",
    .handler = &GetSubdomainState,
};

inline constexpr Endpoint kPostSubdomainState{
    .method = Method::kPost,
    .path = "/accounts/{account_id}/workers/scripts/{script_name}/subdomain",
    .scope = Scope::kWorkersWrite,
    .summary = "Let a Worker answer under its host names, or not",
    .example = R"({"enabled":true,"previews_enabled":false})",
    .handler = &PostSubdomainState,
};

}  // namespace caravel::api
