#include "daemon/client/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/fd.h"
#include "base/random.h"

namespace caravel::daemon {
namespace {

Status WriteAll(const base::Fd& file, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(file.get(), content.data(), content.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return ErrnoError("write", errno);
    }
    content.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

Status FillAndRename(const std::string& temporary, const std::string& path,
                     std::string_view content) {
  {
    const base::Fd file(::open(temporary.c_str(),
                               O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file.valid()) return ErrnoError("create", errno);
    CARAVEL_TRY(WriteAll(file, content));
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    return ErrnoError("rename", errno);
  }
  return {};
}

// What a person can do about a file that cannot be written.
std::string WriteRemedy(const Error& error) {
  switch (error.code()) {
    case ErrorCode::kDenied:
      return "choose a folder that this user may write to (--data DIR)";
    case ErrorCode::kNoSpace:
      return "free some space on that disk, or choose another (--data DIR)";
    default:
      return "choose another folder (--data DIR)";
  }
}

}  // namespace

Result<std::string> ReadFile(const std::string& path, size_t limit) {
  const base::Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return ErrnoError("open " + path, errno);
  return base::ReadWholeFile(file, limit).In("read " + path);
}

Status ReplaceFile(const std::string& path, std::string_view content) {
  const std::string temporary = path + "." + base::RandomHex(4);
  Status status = FillAndRename(temporary, path, content);
  if (status) return {};
  ::unlink(temporary.c_str());
  std::string remedy = WriteRemedy(status.error());
  return std::move(status)
      .error()
      .In("write " + path)
      .Remedy(std::move(remedy));
}

Status MakeFolder(const std::string& path) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) return {};
    return Error(ErrorCode::kConflict,
                 fmt::format("folder {}: a file of that name exists", path))
        .Remedy("move it away, or choose another folder (--data DIR)");
  }
  const size_t slash = path.find_last_of('/');
  if (slash != std::string::npos && slash > 0) {
    CARAVEL_TRY(MakeFolder(path.substr(0, slash)));
  }
  if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
  Error error = ErrnoError("make folder " + path, errno);
  std::string remedy = WriteRemedy(error);
  return std::move(error).Remedy(std::move(remedy));
}

}  // namespace caravel::daemon
