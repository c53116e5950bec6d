#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "control/rules.h"
#include "control/services.h"
#include "registry/asset_config.h"

// metadata.assets of an upload: from a session's token and a configuration to
// the list of a version's assets.
namespace caravel::api {

struct AssetConfigInput {
  std::optional<std::string> html_handling;
  std::optional<std::string> not_found_handling;
  std::optional<boost::json::value> run_worker_first;  // bool or patterns
  std::optional<std::string> base_path;
  std::optional<std::string> redirects;  // the text of _redirects
  std::optional<std::string> headers;    // the text of _headers

  static constexpr auto Rules() {
    return api::Rules(
        api::Field(&AssetConfigInput::html_handling,
                   "auto-trailing-slash, force-trailing-slash, "
                   "drop-trailing-slash, none"),
        api::Field(&AssetConfigInput::not_found_handling,
                   "none, single-page-application, 404-page"),
        api::Field(&AssetConfigInput::run_worker_first,
                   "true, or patterns of paths"),
        api::Field(&AssetConfigInput::base_path,
                   "The path under which the assets are public"),
        api::Field(&AssetConfigInput::redirects, "The text of _redirects")
            .Key("_redirects"),
        api::Field(&AssetConfigInput::headers, "The text of _headers")
            .Key("_headers"));
  }
};
BOOST_DESCRIBE_STRUCT(AssetConfigInput, (),
                      (html_handling, not_found_handling, run_worker_first,
                       base_path, redirects, headers))

struct AssetsInput {
  std::optional<std::string> jwt;
  std::optional<AssetConfigInput> config;

  static constexpr auto Rules() {
    return api::Rules(api::Field(&AssetsInput::jwt,
                                 "The token that the upload session ended in"));
  }
};
BOOST_DESCRIBE_STRUCT(AssetsInput, (), (jwt, config))

// What the configuration says. kInvalid names the key or the line.
// `has_code`: patterns of run_worker_first need some.
Result<registry::AssetConfig> ReadAssetConfig(const AssetConfigInput& input,
                                              bool has_code);

// The digest of the list that was written and kept. kInvalid: the token is none
// of this account and Worker, or the configuration is wrong.
Result<std::string> NewAssets(Caller& caller, std::string_view worker,
                              const AssetsInput& input, bool has_code);

// That of the Worker's newest version; empty where it has none, for `wrangler
// versions secret` of 4.49 asks for them whatever the Worker has. kInvalid:
// another configuration is asked for.
Result<std::string> NewestAssets(Caller& caller, std::string_view worker,
                                 const std::optional<AssetsInput>& input);

}  // namespace caravel::api
