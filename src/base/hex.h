#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace caravel::base {

// Two lower-case digits a byte.
std::string ToHex(std::string_view bytes);

// The bytes again; nothing when `text` has an odd length or another character.
std::optional<std::string> FromHex(std::string_view text);

}  // namespace caravel::base
