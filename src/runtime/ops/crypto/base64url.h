#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace caravel::runtime {

// Base64url without padding, RFC 7515 section 2, as JSON Web Keys have it.
std::string ToBase64Url(std::string_view bytes);
// Nothing where a character or the length is not one of the encoding's. Bits
// beyond the last whole byte are not looked at.
std::optional<std::string> FromBase64Url(std::string_view text);

}  // namespace caravel::runtime
