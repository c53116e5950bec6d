#include "daemon/served_kv.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <cerrno>
#include <filesystem>

#include "daemon/client/files.h"

namespace caravel::daemon {
namespace {

Status TakeLock(const std::string& folder, base::Fd& lock) {
  const std::string path = folder + "/lock";
  lock = base::Fd(
      ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock.valid()) return ErrnoError("open " + path, errno);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return {};
  if (errno != EWOULDBLOCK) return ErrnoError("lock " + path, errno);
  return Error(
             ErrorCode::kConflict,
             fmt::format("{}: another `serve` of this project has the entries "
                         "of its KV namespaces",
                         folder))
      .Remedy("end that one first (Ctrl-C)");
}

}  // namespace

Result<std::unique_ptr<ServedKv>> ServedKv::Open(const std::string& folder,
                                                 const base::Clock& clock) {
  std::unique_ptr<ServedKv> kv(new ServedKv());
  CARAVEL_TRY(MakeFolder(folder));
  const std::string ignored =
      std::filesystem::path(folder).parent_path() / ".gitignore";
  std::error_code error;
  if (!std::filesystem::exists(ignored, error)) {
    CARAVEL_TRY(ReplaceFile(ignored, "*\n"));
  }
  CARAVEL_TRY(TakeLock(folder, kv->lock_));
  const std::string path = folder + "/kv.sqlite";
  CARAVEL_TRY(kv->large_, storage::DiskBlobs::Open(folder + "/kv", kv->files_));
  CARAVEL_TRY(kv->database_, storage::SqliteDatabase::Open(path));
  CARAVEL_TRY(kv->reads_, storage::SqliteDatabase::Open(path));
  CARAVEL_TRY(kv->store_, storage::KvStore::Open(*kv->database_, *kv->reads_,
                                                 *kv->large_, clock));
  return kv;
}

}  // namespace caravel::daemon
