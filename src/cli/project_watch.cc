#include "cli/project_watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace caravel::cli {
namespace {

namespace fs = std::filesystem;

// A file is looked at once its writer has closed it.
constexpr uint32_t kEvents =
    IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE;

// `folder` and the folders below it; of many the first ones.
template <typename Visit>
void ForEachFolder(const std::string& folder, const Visit& visit) {
  constexpr int kMostFolders = 1'000;
  visit(fs::path(folder));
  std::error_code error;
  fs::recursive_directory_iterator entry(
      folder, fs::directory_options::skip_permission_denied, error);
  for (int count = 1; !error && entry != fs::end(entry) && count < kMostFolders;
       entry.increment(error)) {
    std::error_code unknown;
    if (!fs::is_directory(entry->symlink_status(unknown))) continue;
    const std::string name = entry->path().filename();
    if (name.starts_with('.') || name == "node_modules") {
      entry.disable_recursion_pending();
      continue;
    }
    visit(entry->path());
    ++count;
  }
}

}  // namespace

std::vector<std::string> FilesOutside(const std::string& folder,
                                      const std::vector<std::string>& files) {
  // The bundler names files from the project's folder, "../" and all.
  std::error_code error;
  const std::string inside = fs::weakly_canonical(folder, error).string() + "/";
  std::vector<std::string> outside;
  for (const std::string& file : files) {
    const std::string path = fs::weakly_canonical(file, error).string();
    if (!path.starts_with(inside)) outside.push_back(file);
  }
  return outside;
}

Result<std::unique_ptr<ProjectWatch>> ProjectWatch::Start() {
  base::Fd inotify(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!inotify.valid()) {
    return ErrnoError("watch the project", errno)
        .Remedy("raise fs.inotify.max_user_instances, or end other watchers");
  }
  return std::unique_ptr<ProjectWatch>(new ProjectWatch(std::move(inotify)));
}

void ProjectWatch::Follow(const std::vector<std::string>& files) {
  for (const std::string& file : files) {
    const fs::path path(file);
    FollowName(path.parent_path(), path.filename());
    std::error_code error;
    const fs::path target = fs::canonical(path, error);
    if (!error) FollowName(target.parent_path(), target.filename());
  }
}

void ProjectWatch::FollowName(const std::string& folder,
                              const std::string& name) {
  const int number = ::inotify_add_watch(inotify_.get(), folder.c_str(),
                                         kEvents | IN_MASK_ADD);
  if (number >= 0) files_.emplace(number, name);
}

void ProjectWatch::WatchFolders(const std::string& folder) {
  ForEachFolder(folder, [this](const fs::path& path) {
    (void)::inotify_add_watch(inotify_.get(), path.c_str(),
                              kEvents | IN_MASK_ADD);
  });
}

void ProjectWatch::FollowFolder(const std::string& folder) {
  ForEachFolder(folder, [this](const fs::path& path) {
    const int number = ::inotify_add_watch(inotify_.get(), path.c_str(),
                                           kEvents | IN_CREATE | IN_MASK_ADD);
    if (number >= 0) folders_.insert(number);
  });
}

bool ProjectWatch::TakeChanges(Of which) {
  bool changed = false;
  alignas(inotify_event) char buffer[16 * 1024];
  for (;;) {
    const ssize_t size = ::read(inotify_.get(), buffer, sizeof buffer);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return changed;
    for (ssize_t at = 0; at < size;) {
      inotify_event event = {};
      std::memcpy(&event, buffer + at, sizeof event);
      const char* name = buffer + at + sizeof event;
      at += static_cast<ssize_t>(sizeof event + event.len);
      // What was lost may have been of ours.
      if ((event.mask & IN_Q_OVERFLOW) != 0) changed = true;
      // A file that was made is looked at when its writer has closed it.
      if (event.len == 0 ||
          (event.mask & (IN_CREATE | IN_ISDIR)) == IN_CREATE) {
        continue;
      }
      changed = changed || which == Of::kAllFiles ||
                folders_.contains(event.wd) ||
                files_.contains({event.wd, name});
    }
  }
}

}  // namespace caravel::cli
