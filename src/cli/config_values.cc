#include "cli/config_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

namespace caravel::cli {
namespace {

namespace json = boost::json;

}  // namespace

bool IsEmptyValue(const json::value& value) {
  if (value.is_null()) return true;
  if (const auto* array = value.if_array()) return array->empty();
  if (const auto* object = value.if_object()) {
    return std::ranges::all_of(
        *object, [](const auto& entry) { return IsEmptyValue(entry.value()); });
  }
  return false;
}

Error WrongType(std::string_view field, std::string_view wanted,
                const json::value& value) {
  return Error(ErrorCode::kInvalid,
               fmt::format("{}: must be {}, is {}", field, wanted,
                           json::serialize(value)));
}

std::string SettingText(std::string_view config_path, std::string_view key,
                        std::string_view text) {
  return config_path.ends_with(".toml")
             ? fmt::format("{} = \"{}\"", key, text)
             : fmt::format("\"{}\": \"{}\"", key, text);
}

Status ReadText(const json::object& config, std::string_view field,
                std::string& text) {
  const json::value* value = config.if_contains({field.data(), field.size()});
  if (value == nullptr) return {};
  if (!value->is_string()) return WrongType(field, "a string", *value);
  text = std::string(value->as_string());
  return {};
}

Status ReadSwitch(const json::object& config, std::string_view field,
                  bool& on) {
  const json::value* value = config.if_contains({field.data(), field.size()});
  if (value == nullptr) return {};
  if (!value->is_bool()) return WrongType(field, "true or false", *value);
  on = value->as_bool();
  return {};
}

Status ReadTexts(const json::object& config, std::string_view field,
                 std::vector<std::string>& texts) {
  const json::value* value = config.if_contains({field.data(), field.size()});
  if (value == nullptr) return {};
  if (!value->is_array()) return WrongType(field, "a list", *value);
  for (const json::value& each : value->as_array()) {
    if (!each.is_string()) return WrongType(field, "a list of strings", each);
    texts.emplace_back(each.as_string());
  }
  return {};
}

Status ReadPairs(const json::object& config, std::string_view field,
                 std::vector<std::pair<std::string, std::string>>& pairs) {
  const json::value* value = config.if_contains({field.data(), field.size()});
  if (value == nullptr) return {};
  if (!value->is_object()) return WrongType(field, "a table", *value);
  for (const auto& [key, each] : value->as_object()) {
    if (!each.is_string()) {
      return WrongType(fmt::format("{}.{}", field, std::string_view(key)),
                       "a string", each);
    }
    pairs.emplace_back(key, each.as_string());
  }
  return {};
}

}  // namespace caravel::cli
