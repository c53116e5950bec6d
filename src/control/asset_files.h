#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "registry/asset_table.h"
#include "storage/blobs.h"

namespace caravel::api {

// Keeps a content of an asset in Blobs, as it is and in the codings that make
// it smaller. `name` is the client's, `type` its Content-Type.
Result<registry::AssetFile> KeepAssetFile(storage::Blobs& blobs,
                                          std::string name, std::string type,
                                          std::string_view content);

}  // namespace caravel::api
