#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

// How the fields of a wrangler configuration are read. A field that is not
// there leaves what it would be read into as it is; kInvalid names one of a
// wrong type.
namespace caravel::cli {

// Whether a field with that value says nothing: null, an empty list, a table of
// such values.
bool IsEmptyValue(const boost::json::value& value);

// `wanted` is what it has to be, such as "a string".
Error WrongType(std::string_view field, std::string_view wanted,
                const boost::json::value& value);

// A setting as the file at `config_path` would have it, for remedies: `key`
// without the table that it stands in. Requires: `text` needs no escapes.
std::string SettingText(std::string_view config_path, std::string_view key,
                        std::string_view text);

Status ReadText(const boost::json::object& config, std::string_view field,
                std::string& text);
Status ReadSwitch(const boost::json::object& config, std::string_view field,
                  bool& on);
// A list of texts.
Status ReadTexts(const boost::json::object& config, std::string_view field,
                 std::vector<std::string>& texts);
// A table of texts.
Status ReadPairs(const boost::json::object& config, std::string_view field,
                 std::vector<std::pair<std::string, std::string>>& pairs);

}  // namespace caravel::cli
