#pragma once

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace caravel::cli {

// Notices that files of a project were written. Their folders are watched, not
// they themselves: editors write a new file and rename it.
// Threads: one.
class ProjectWatch {
 public:
  static Result<std::unique_ptr<ProjectWatch>> Start();

  // Follows these files beside those that it follows already, however they are
  // spelled; of a symbolic link both the link and the file behind it. A file
  // may be absent: that it comes is a change too. Folders that do not exist are
  // passed over.
  void Follow(const std::vector<std::string>& files);

  // Has TakeChanges(kAllFiles) see `folder` and the folders below it too; of
  // many the first ones. Those whose names begin with a dot, and node_modules,
  // are passed over.
  void WatchFolders(const std::string& folder);

  // Follows every file of `folder` and of the folders below it; of many the
  // first ones, and without those that are passed over as above.
  void FollowFolder(const std::string& folder);

  // Readable when there may be something to take.
  int fd() const { return inotify_.get(); }

  enum class Of { kFollowedFiles, kAllFiles };  // of the folders in question

  // True: a file was written, renamed or removed since the last call.
  bool TakeChanges(Of which = Of::kFollowedFiles);

 private:
  explicit ProjectWatch(base::Fd inotify) : inotify_(std::move(inotify)) {}
  void FollowName(const std::string& folder, const std::string& name);

  base::Fd inotify_;
  // By the kernel's number of the folder, the same whatever path led there.
  std::set<std::pair<int, std::string>> files_;
  std::set<int> folders_;  // of which each file counts
};

// Those of the files that are not in `folder`, however they are spelled: what
// was written for the bundler is no file that somebody edits, and its end no
// edit.
std::vector<std::string> FilesOutside(const std::string& folder,
                                      const std::vector<std::string>& files);

}  // namespace caravel::cli
