#include "storage/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

namespace caravel::storage {
namespace {

Error FileError(std::string_view call, const std::string& path,
                int error_number) {
  Error error = ErrnoError(fmt::format("{} {}", call, path), error_number);
  switch (error.code()) {
    case ErrorCode::kDenied:
      return std::move(error).Remedy(
          "give this user write permission on the folder, or choose another "
          "data folder");
    case ErrorCode::kNoSpace:
      return Error(ErrorCode::kNoSpace,
                   fmt::format("disk full: cannot {} {}", call, path))
          .Remedy("free space on that file system, then try again");
    default:
      return error;
  }
}

// The path of an open file, for messages.
std::string PathOf(const base::Fd& file) {
  std::string path(4096, '\0');
  const std::string link = fmt::format("/proc/self/fd/{}", file.get());
  const ssize_t size = ::readlink(link.c_str(), path.data(), path.size());
  path.resize(size > 0 ? static_cast<size_t>(size) : 0);
  return path;
}

Result<base::Fd> OpenPath(std::string_view call, const std::string& path,
                          int flags) {
  base::Fd fd(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.valid()) return FileError(call, path, errno);
  return fd;
}

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

}  // namespace

Result<base::Fd> SystemFiles::Create(const std::string& path) {
  return OpenPath("create", path, O_WRONLY | O_CREAT | O_EXCL);
}

Result<base::Fd> SystemFiles::Open(const std::string& path) {
  return OpenPath("open", path, O_RDONLY);
}

Status SystemFiles::Write(const base::Fd& file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return FileError("write to", PathOf(file), errno);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

Status SystemFiles::Sync(const base::Fd& file) {
  if (::fsync(file.get()) != 0) return FileError("sync", PathOf(file), errno);
  return {};
}

Status SystemFiles::Rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) {
    return FileError(fmt::format("rename {} to", from), to, errno);
  }
  return {};
}

Status SystemFiles::Remove(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    return FileError("remove", path, errno);
  }
  return {};
}

Status SystemFiles::MakeFolder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return FileError("make the folder", path, errno);
  }
  return {};
}

Status SystemFiles::SyncFolder(const std::string& path) {
  CARAVEL_TRY(const base::Fd folder,
              OpenPath("open the folder", path, O_RDONLY | O_DIRECTORY));
  if (::fsync(folder.get()) != 0) {
    return FileError("sync the folder", path, errno);
  }
  return {};
}

Result<std::vector<std::string>> SystemFiles::List(const std::string& path) {
  const std::unique_ptr<DIR, CloseFolder> folder(::opendir(path.c_str()));
  if (folder == nullptr) return FileError("list", path, errno);
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(folder.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return FileError("list", path, errno);
  return names;
}

Result<std::optional<uint64_t>> SystemFiles::Size(const std::string& path) {
  struct stat status = {};
  if (::lstat(path.c_str(), &status) == 0) {
    return std::optional<uint64_t>(static_cast<uint64_t>(status.st_size));
  }
  if (errno == ENOENT) return std::optional<uint64_t>();
  return FileError("look at", path, errno);
}

Status ReplaceFile(Files& files, const std::string& folder,
                   const std::string& name, const std::string& scratch,
                   std::string_view bytes) {
  const auto write = [&]() -> Status {
    CARAVEL_TRY(const base::Fd file, files.Create(scratch));
    CARAVEL_TRY(files.Write(file, bytes));
    CARAVEL_TRY(files.Sync(file));
    return files.Rename(scratch, folder + "/" + name);
  };
  if (Status written = write(); !written) {
    if (const Status removed = files.Remove(scratch); !removed) {
      return std::move(written.error())
          .In(fmt::format("{} is left behind", scratch));
    }
    return written;
  }
  return files.SyncFolder(folder);
}

}  // namespace caravel::storage
