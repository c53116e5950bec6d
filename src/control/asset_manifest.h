#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

#include "base/result.h"
#include "registry/asset_manifest.h"
#include "registry/asset_uploads.h"

namespace caravel::api {

using registry::AssetManifest;

// Whether `text` has the form of a content's name.
bool IsAssetName(std::string_view text);

// {"/index.html": {"hash": "…", "size": 11}, …}. kInvalid names the path and
// what is wrong with it; kLimit: too many files, or one too large.
Result<AssetManifest> ReadAssetManifest(const boost::json::value& json);

// That of a session. kNotFound: it has ended.
Result<AssetManifest> LoadManifest(registry::AssetUploads& uploads,
                                   const registry::AccountId& account,
                                   const std::string& session);

}  // namespace caravel::api
