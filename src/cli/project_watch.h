#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
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

  // Follows these files, absolute and named once, beside those that it follows
  // already. A file may be absent: that it comes is a change too. Folders that
  // do not exist are passed over.
  void Follow(const std::vector<std::string>& files);

  // Readable when there may be something to take.
  int fd() const { return inotify_.get(); }

  enum class Of { kFollowedFiles, kAllFiles };  // of the folders in question

  // True: a file was written, renamed or removed since the last call.
  bool TakeChanges(Of which = Of::kFollowedFiles);

 private:
  explicit ProjectWatch(base::Fd inotify) : inotify_(std::move(inotify)) {}

  base::Fd inotify_;
  std::map<int, std::string> folders_;  // by the kernel's number
  std::set<std::string> files_;
};

}  // namespace caravel::cli
