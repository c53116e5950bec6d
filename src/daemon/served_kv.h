#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "storage/disk_blobs.h"
#include "storage/kv_store.h"
#include "storage/sqlite_database.h"

namespace caravel::daemon {

// The KV namespaces of `serve`: empty at first, and gone with their folder.
// A resource.
class ServedKv {
 public:
  // `folder` is there and has nothing of that name in it. `clock` outlives
  // this.
  static Result<std::unique_ptr<ServedKv>> Open(const std::string& folder,
                                                const base::Clock& clock);

  storage::KvStore& store() { return *store_; }

 private:
  ServedKv() = default;

  storage::SystemFiles files_;
  std::unique_ptr<storage::DiskBlobs> large_;
  std::unique_ptr<storage::SqliteDatabase> database_;
  // The same file again, by which is read while something is written.
  std::unique_ptr<storage::SqliteDatabase> reads_;
  std::unique_ptr<storage::KvStore> store_;
};

}  // namespace caravel::daemon
