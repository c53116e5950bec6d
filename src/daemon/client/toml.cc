#include "daemon/client/toml.h"

#include <boost/json.hpp>
#include <sstream>

// The one file that includes the library; compiled in here, without exceptions.
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

namespace caravel::daemon {
namespace {

namespace json = boost::json;

// Recursion is bounded by the parser, which refuses deep nesting.
json::value ToJsonValue(const toml::node& node) {
  if (const toml::table* table = node.as_table()) {
    json::object object;
    for (const auto& [key, value] : *table) {
      object.emplace(json::string_view(key.str().data(), key.str().size()),
                     ToJsonValue(value));
    }
    return object;
  }
  if (const toml::array* array = node.as_array()) {
    json::array values;
    for (const toml::node& each : *array) values.push_back(ToJsonValue(each));
    return values;
  }
  if (const auto* text = node.as_string()) return json::value(text->get());
  if (const auto* number = node.as_integer()) return number->get();
  if (const auto* number = node.as_floating_point()) return number->get();
  if (const auto* flag = node.as_boolean()) return flag->get();
  std::ostringstream text;
  if (const auto* date = node.as_date()) text << date->get();
  if (const auto* time = node.as_time()) text << time->get();
  if (const auto* both = node.as_date_time()) text << both->get();
  return json::value(text.str());
}

}  // namespace

Result<json::value> ParseToml(std::string_view text, std::string_view name) {
  const toml::parse_result result = toml::parse(text, name);
  if (!result) {
    const toml::source_position at = result.error().source().begin;
    return Error(ErrorCode::kInvalid,
                 fmt::format("{}:{}:{}: {}", name, at.line, at.column,
                             result.error().description()))
        .Remedy("correct it; the format is TOML (https://toml.io)");
  }
  return ToJsonValue(result.table());
}

}  // namespace caravel::daemon
