#include "daemon/client/data_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "daemon/client/files.h"
#include "daemon/client/run_info.h"

namespace caravel::daemon {
namespace {

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

Status LockOrWait(const base::Fd& file, const DataFolder& folder) {
  constexpr int kTries = 100;
  constexpr std::chrono::milliseconds kPause{10};
  for (int i = 0; i < kTries; ++i) {
    if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) return {};
    if (errno != EWOULDBLOCK) return ErrnoError("lock " + folder.lock(), errno);
    std::this_thread::sleep_for(kPause);
  }
  const Result<RunInfo> running = LoadRunInfo(folder);
  return Error(
             ErrorCode::kConflict,
             fmt::format(
                 "data folder {}: in use by another caraveld{}", folder.path(),
                 running ? fmt::format(" (process {})", running->pid) : ""))
      .Remedy(fmt::format(
          "stop it (./caravel down{}), or use another folder (--data DIR)",
          DataOption(folder.path())));
}

}  // namespace

std::string AbsolutePath(const std::string& path) {
  std::error_code error;
  const std::filesystem::path absolute =
      std::filesystem::absolute(path, error).lexically_normal();
  std::string text = error ? path : absolute.string();
  while (text.size() > 1 && text.ends_with('/')) text.pop_back();
  return text;
}

Result<std::string> DefaultDataFolder() {
  if (const std::string data = Variable("CARAVEL_DATA"); !data.empty()) {
    return AbsolutePath(data);
  }
  if (const std::string base = Variable("XDG_DATA_HOME"); !base.empty()) {
    return AbsolutePath(base + "/caravel");
  }
  if (const std::string home = Variable("HOME"); !home.empty()) {
    return AbsolutePath(home + "/.local/share/caravel");
  }
  return Error(ErrorCode::kInvalid,
               "no folder for the state: neither CARAVEL_DATA nor HOME is set")
      .Remedy("name one: --data DIR");
}

std::string DataOption(const std::string& path) {
  const Result<std::string> usual = DefaultDataFolder();
  return usual && *usual == path ? "" : " --data " + path;
}

Result<base::Fd> TakeDataFolder(const DataFolder& folder) {
  for (const std::string& path :
       {folder.path(), folder.run(), folder.hosts(), folder.logs()}) {
    CARAVEL_TRY(MakeFolder(path));
  }
  base::Fd file(
      ::open(folder.lock().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file.valid()) {
    const int error_number = errno;
    return ErrnoError("data folder " + folder.path(), error_number)
        .Remedy(
            "it must be on a disk with room, and writable by this user; or "
            "use another folder (--data DIR)");
  }
  CARAVEL_TRY(LockOrWait(file, folder));
  return file;
}

}  // namespace caravel::daemon
