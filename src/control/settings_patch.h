#pragma once

#include <vector>

#include "control/binding_types.h"
#include "control/endpoint_traits.h"
#include "control/paths.h"
#include "control/services.h"
#include "control/settings_endpoints.h"

// Secrets of a Worker set by its settings: the way of `wrangler secret bulk`
// before there was an endpoint for many secrets (4.49 and 3.114 go it).
namespace caravel::api {

// All bindings that the Worker is to have: of those that it has, type and name
// alone; of secrets to set, their text.
struct BindingsPatch {
  std::vector<BindingInput> bindings;

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&BindingsPatch::bindings, "All that env is to hold")
            .Length(0, 1000));
  }
};
BOOST_DESCRIBE_STRUCT(BindingsPatch, (), (bindings))

// The JSON is in the part "settings". kInvalid where something else than
// secrets would change: that needs an upload.
Result<SettingsSeen> PatchSettings(Caller& caller, const ScriptPath& path,
                                   Files body);

inline constexpr Endpoint kPatchSettings{
    .method = Method::kPatch,
    .path = "/accounts/{account_id}/workers/scripts/{script_name}/settings",
    .scope = Scope::kWorkersWrite,
    .summary =
        "Set and remove secrets among a Worker's bindings, and deploy that",
    .errors = {.conflict = 10215},
    .body_limit = kJsonBodyLimit,
    .handler = &PatchSettings,
};

}  // namespace caravel::api
