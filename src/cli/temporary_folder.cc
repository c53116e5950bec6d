#include "cli/temporary_folder.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>

namespace caravel::cli {

Result<TemporaryFolder> TemporaryFolder::Make() {
  std::error_code error;
  const std::filesystem::path parent =
      std::filesystem::temp_directory_path(error);
  if (error) {
    return Error(ErrorCode::kNotFound,
                 "no folder for temporary files: " + error.message())
        .Remedy("set TMPDIR to one");
  }
  std::string path = (parent / "caravel-XXXXXX").string();
  if (::mkdtemp(path.data()) == nullptr) {
    return ErrnoError("make a temporary folder " + path, errno);
  }
  return TemporaryFolder(std::move(path));
}

TemporaryFolder::~TemporaryFolder() {
  if (path_.empty()) return;
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace caravel::cli
