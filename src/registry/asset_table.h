#pragma once

#include <optional>
#include <string>

#include "registry/asset_list.h"
#include "registry/published.h"
#include "storage/database.h"

namespace caravel::registry {

// The content of an asset as an account uploaded it. `name` is the hash that
// the client gave it: it says nothing to another account, since nobody here
// computed it.
struct AssetFile {
  std::string name;
  std::string type;  // Content-Type; empty: none is told
  AssetForms forms;  // in Blobs already
  bool operator==(const AssetFile&) const = default;
};

Status InsertAssetFileIfAbsent(storage::Transaction& transaction,
                               const AccountId& account, const AssetFile& file);

Result<std::optional<AssetFile>> ReadAssetFile(
    storage::Transaction& transaction, const AccountId& account,
    const std::string& name);

}  // namespace caravel::registry
