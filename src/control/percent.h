#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace caravel::api {

// Percent-decoding (RFC 3986, section 2.1). Nothing when a % is not followed by
// two hexadecimal digits, or when the result holds a NUL.
std::optional<std::string> PercentDecode(std::string_view text);

// A query string's pairs, decoded as a form (application/x-www-form-urlencoded:
// + is a space too), in order. Nothing where PercentDecode() has nothing.
std::optional<std::vector<std::pair<std::string, std::string>>> ParseQuery(
    std::string_view query);

}  // namespace caravel::api
