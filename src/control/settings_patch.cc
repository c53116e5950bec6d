#include "control/settings_patch.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "control/secret_endpoints.h"

namespace caravel::api {
namespace {

constexpr std::string_view kSecretType = "secret_text";

Error OtherChange(std::string_view name, std::string_view what) {
  return Error(ErrorCode::kInvalid,
               fmt::format("settings.bindings: \"{}\" {}; only secrets can be "
                           "changed here",
                           name, what))
      .Remedy("deploy the Worker with the bindings that it is to have");
}

std::string_view TextOf(const boost::json::value& binding,
                        std::string_view key) {
  return binding.at(key).as_string();
}

// How the secrets of `before` become those of `inputs`, when nothing else
// differs.
Result<registry::SecretChanges> ChangesOf(
    const std::vector<boost::json::value>& before,
    const std::vector<BindingInput>& inputs) {
  registry::SecretChanges changes;
  std::set<std::string_view> had;
  for (const boost::json::value& binding : before) {
    const std::string_view name = TextOf(binding, "name");
    const std::string_view type = TextOf(binding, "type");
    had.insert(name);
    const auto input = std::ranges::find(inputs, name, &BindingInput::name);
    if (type == kSecretType) {
      if (input == inputs.end()) changes[std::string(name)] = std::nullopt;
    } else if (input == inputs.end()) {
      return OtherChange(name, "is missing");
    } else if (input->type != type && input->type != "inherit") {
      return OtherChange(name, "has another type");
    }
  }
  for (const BindingInput& input : inputs) {
    if (input.type == kSecretType && input.text) {
      changes[input.name] = input.text;
    } else if (!had.contains(input.name)) {
      return OtherChange(input.name, "is not one that the Worker has");
    }
  }
  return changes;
}

}  // namespace

Result<SettingsSeen> PatchSettings(Caller& caller, const ScriptPath& path,
                                   Files body) {
  const auto part = std::ranges::find(body.parts, "settings", &Part::name);
  if (part == body.parts.end()) {
    return Error(ErrorCode::kInvalid,
                 "multipart body: it has no part \"settings\"")
        .Remedy("send the bindings in it, as JSON");
  }
  CARAVEL_TRY(const BindingsPatch patch,
              DecodeJson<BindingsPatch>(part->content, "settings",
                                        UnknownKeys::kRefuse));
  CARAVEL_TRY(const SettingsSeen before, GetSettings(caller, path));
  CARAVEL_TRY(const registry::SecretChanges changes,
              ChangesOf(before.bindings, patch.bindings));
  if (!changes.empty()) {
    CARAVEL_TRY(PublishSecrets(caller, path.script_name, changes));
  }
  return GetSettings(caller, path);
}

}  // namespace caravel::api
