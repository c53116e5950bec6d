#include "control/asset_files.h"

#include <utility>

namespace caravel::api {

Result<registry::AssetFile> KeepAssetFile(storage::Blobs& blobs,
                                          std::string name, std::string type,
                                          std::string_view content) {
  registry::AssetFile file = {
      .name = std::move(name), .type = std::move(type), .forms = {}};
  registry::AssetForm& whole =
      file.forms[static_cast<size_t>(registry::AssetCoding::kIdentity)];
  CARAVEL_TRY(whole.digest, blobs.Put(content));
  whole.size = content.size();
  return file;
}

}  // namespace caravel::api
