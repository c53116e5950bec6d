#pragma once

#include <string>

// A folder for one test, under the system's folder for temporary files; removed
// with all that is in it on destruction.
namespace caravel::storage {

class TempFolder {
 public:
  TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder();

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const {
    return path_ + "/" + name;
  }

 private:
  std::string path_;
};

}  // namespace caravel::storage
