#include "daemon/served_kv.h"

namespace caravel::daemon {

Result<std::unique_ptr<ServedKv>> ServedKv::Open(const std::string& folder,
                                                 const base::Clock& clock) {
  std::unique_ptr<ServedKv> kv(new ServedKv());
  const std::string path = folder + "/kv.sqlite";
  CARAVEL_TRY(kv->large_, storage::DiskBlobs::Open(folder + "/kv", kv->files_));
  CARAVEL_TRY(kv->database_, storage::SqliteDatabase::Open(path));
  CARAVEL_TRY(kv->reads_, storage::SqliteDatabase::Open(path));
  CARAVEL_TRY(kv->store_, storage::KvStore::Open(*kv->database_, *kv->reads_,
                                                 *kv->large_, clock));
  return kv;
}

}  // namespace caravel::daemon
