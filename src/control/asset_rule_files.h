#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "registry/asset_config.h"

// The files _redirects and _headers. Source: Workers documentation,
// "Redirects" and "Headers" of Static Assets.
namespace caravel::api {

inline constexpr size_t kMostStaticRedirects = 2000;
inline constexpr size_t kMostDynamicRedirects = 100;
inline constexpr size_t kMostHeaderRules = 100;
inline constexpr size_t kLongestRuleLine = 2000;

// "FROM TO [STATUS]" a line. kInvalid names the first line that is wrong; of
// two for one path the first counts.
Result<std::vector<registry::RedirectRule>> ParseRedirects(
    std::string_view text);

// A pattern on a line of its own, and behind it lines "Name: value" and
// "! Name". kInvalid names the first line that is wrong.
Result<std::vector<registry::HeaderRule>> ParseHeaderRules(
    std::string_view text);

}  // namespace caravel::api
