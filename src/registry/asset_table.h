#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

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

// Whether it was absent.
Result<bool> InsertAssetFileIfAbsent(storage::Transaction& transaction,
                                     const AccountId& account,
                                     const AssetFile& file);

Result<std::optional<AssetFile>> ReadAssetFile(
    storage::Transaction& transaction, const AccountId& account,
    const std::string& name);

Status DeleteAssetFile(storage::Transaction& transaction,
                       const AccountId& account, const std::string& name);

// Whose file it is.
struct AssetFileKey {
  AccountId account;
  std::string name;
};
// At most `limit` files behind `after`, in the order of their keys.
Result<std::vector<std::pair<AssetFileKey, AssetForms>>> ReadAssetFilesAfter(
    storage::Transaction& transaction, const AssetFileKey& after, size_t limit);

// The contents of all of the account's files, which are about to be deleted.
Status NoteAssetFilesLoose(storage::Transaction& transaction,
                           const AccountId& account, int64_t since);

}  // namespace caravel::registry
