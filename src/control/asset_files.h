#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "registry/asset_table.h"
#include "registry/kept_blobs.h"

namespace caravel::api {

// A content of an asset as it is, and in the codings that make it smaller.
struct CodedAsset {
  std::string name;  // the client's
  std::string type;  // its Content-Type
  // By AssetCoding; that of kIdentity is always there.
  std::array<std::optional<std::string>, registry::kAssetCodings> forms;
};

// Takes seconds where it is large.
CodedAsset CodeAsset(std::string name, std::string type, std::string content);

struct KeptAssets {
  std::vector<registry::AssetFile> files;
  registry::KeptBlobs::Hold hold;
};
Result<KeptAssets> KeepAssets(registry::KeptBlobs& blobs,
                              std::vector<CodedAsset> assets);

}  // namespace caravel::api
