#include "base/fd.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace caravel::base {

void Fd::Reset() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Result<Fd> Fd::Duplicate() const {
  Fd copy(::fcntl(fd_, F_DUPFD_CLOEXEC, 0));
  if (!copy.valid()) return ErrnoError("fcntl(F_DUPFD_CLOEXEC)", errno);
  return copy;
}

Result<Fd> SealedMemoryFile(const char* name, std::string_view content) {
  Fd fd(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd.valid()) return ErrnoError("memfd_create", errno);
  while (!content.empty()) {
    const ssize_t written = ::write(fd.get(), content.data(), content.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return ErrnoError("write to memfd", errno);
    }
    content.remove_prefix(static_cast<size_t>(written));
  }
  constexpr int kSeals =
      F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
  if (::fcntl(fd.get(), F_ADD_SEALS, kSeals) != 0) {
    return ErrnoError("fcntl(F_ADD_SEALS)", errno);
  }
  return fd;
}

Result<std::string> ReadWholeFile(const Fd& fd, size_t limit) {
  struct stat status = {};
  if (::fstat(fd.get(), &status) != 0) return ErrnoError("fstat", errno);
  if (static_cast<size_t>(status.st_size) > limit) {
    return Error(ErrorCode::kLimit,
                 fmt::format("file has {} bytes, above the limit of {}",
                             status.st_size, limit));
  }
  std::string content(static_cast<size_t>(status.st_size), '\0');
  size_t done = 0;
  while (done < content.size()) {
    const ssize_t got =
        ::pread(fd.get(), content.data() + done, content.size() - done,
                static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoError("pread", errno);
    if (got == 0) break;
    done += static_cast<size_t>(got);
  }
  content.resize(done);
  return content;
}

}  // namespace caravel::base
