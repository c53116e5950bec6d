#include "storage/testing/temp_folder.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "base/check.h"

namespace caravel::storage {

TempFolder::TempFolder() {
  path_ = (std::filesystem::temp_directory_path() / "caravel-test-XXXXXX");
  CARAVEL_CHECK(::mkdtemp(path_.data()) != nullptr, path_);
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace caravel::storage
