#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/fd.h"
#include "base/result.h"
#include "storage/disk_blobs.h"
#include "storage/kv_store.h"
#include "storage/sqlite_database.h"

namespace caravel::daemon {

// The KV namespaces of `serve`, in a folder of the project, where the next one
// finds what they have. A resource.
class ServedKv {
 public:
  // Makes the folder where it is not there, so that git passes it over.
  // kConflict: another `serve` has it. `clock` outlives this.
  static Result<std::unique_ptr<ServedKv>> Open(const std::string& folder,
                                                const base::Clock& clock);

  storage::KvStore& store() { return *store_; }

 private:
  ServedKv() = default;

  base::Fd lock_;  // held as long as it is open
  storage::SystemFiles files_;
  std::unique_ptr<storage::DiskBlobs> large_;
  std::unique_ptr<storage::SqliteDatabase> database_;
  // The same file again, by which is read while something is written.
  std::unique_ptr<storage::SqliteDatabase> reads_;
  std::unique_ptr<storage::KvStore> store_;
};

}  // namespace caravel::daemon
