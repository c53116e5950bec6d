#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/codec.h"

// How a version's assets are served, as it was uploaded with them. Values only.
// Source: Workers documentation, "Static Assets".
namespace caravel::registry {

enum class HtmlHandling : uint8_t {
  kAutoTrailingSlash,
  kForceTrailingSlash,
  kDropTrailingSlash,
  kNone,
  kLast = kNone,
};

enum class NotFoundHandling : uint8_t {
  kNone,
  kSinglePage,    // /index.html, with 200
  kNotFoundPage,  // the nearest 404.html, with 404
  kLast = kNotFoundPage,
};

// A line of _redirects. Patterns hold "*", once, and ":name" segments; targets
// ":splat" and ":name".
struct RedirectRule {
  std::string from;  // a path
  std::string to;
  uint16_t status = 302;  // 200: answers as if `to` had been asked for
  static constexpr auto Fields() {
    return base::Fields(&RedirectRule::from, &RedirectRule::to,
                        &RedirectRule::status);
  }
  bool operator==(const RedirectRule&) const = default;
};

// A block of _headers.
struct HeaderRule {
  std::string host;  // lower case; empty: any
  std::string path;  // a pattern, as above
  std::vector<std::pair<std::string, std::string>> set;
  std::vector<std::string> unset;  // names to take away
  static constexpr auto Fields() {
    return base::Fields(&HeaderRule::host, &HeaderRule::path, &HeaderRule::set,
                        &HeaderRule::unset);
  }
  bool operator==(const HeaderRule&) const = default;
};

struct AssetConfig {
  HtmlHandling html_handling = HtmlHandling::kAutoTrailingSlash;
  NotFoundHandling not_found_handling = NotFoundHandling::kNone;
  bool worker_first = false;  // every request goes to the Worker
  // Else those that match one of these, in which "*" stands for any text, ...
  std::vector<std::string> worker_patterns;
  // ... and none of these, which always go to the assets.
  std::vector<std::string> asset_patterns;
  std::vector<RedirectRule> redirects;  // in the order of their lines
  std::vector<HeaderRule> headers;
  // In front of every public path: "/docs". The files lie without it, the rules
  // of both kinds and the patterns above have it. Empty: nothing is.
  std::string base_path;
  static constexpr auto Fields() {
    return base::Fields(
        &AssetConfig::html_handling, &AssetConfig::not_found_handling,
        &AssetConfig::worker_first, &AssetConfig::worker_patterns,
        &AssetConfig::asset_patterns, &AssetConfig::redirects,
        &AssetConfig::headers, &AssetConfig::base_path);
  }
  bool operator==(const AssetConfig&) const = default;
};

}  // namespace caravel::registry
