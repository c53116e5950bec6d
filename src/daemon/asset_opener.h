#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/fd.h"
#include "base/mutex.h"
#include "base/result.h"
#include "registry/asset_list.h"
#include "storage/blobs.h"

namespace caravel::daemon {

// Opens lists of assets and what they name, and remembers the lists that were
// used last.
//
// Threads: any, several at once; calls block on the disk.
class AssetOpener {
 public:
  // A content by its place in a list; nothing: the list itself.
  struct Place {
    uint32_t index = 0;
    registry::AssetCoding coding = registry::AssetCoding::kIdentity;
  };
  using Wish = std::optional<Place>;

  // `blobs` outlives this.
  explicit AssetOpener(storage::Blobs& blobs) : blobs_(blobs) {}

  // `list`: its digest. kDenied: it has no such content.
  Result<base::Fd> Open(const std::string& list, const Wish& wish);

 private:
  static constexpr size_t kMostLists = 64;

  using List = std::shared_ptr<const registry::AssetList>;

  Result<List> ListOf(const std::string& digest);
  List Remembered(const std::string& digest);

  storage::Blobs& blobs_;
  base::Mutex mutex_;
  // The latest used first.
  std::list<std::pair<std::string, List>> lists_ CARAVEL_GUARDED_BY(mutex_);
};

}  // namespace caravel::daemon
