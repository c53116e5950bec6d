#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/codec.h"

namespace caravel::registry {

// What an upload session is to bring: the paths of a version's assets with
// their contents, by the names that the client gave these.
struct AssetManifest {
  struct File {
    std::string path;  // decoded
    std::string name;  // 32 lower-case hexadecimal digits
    uint64_t size = 0;
    static constexpr auto Fields() {
      return base::Fields(&File::path, &File::name, &File::size);
    }
  };
  std::vector<File> files;
  static constexpr auto Fields() { return base::Fields(&AssetManifest::files); }
};

}  // namespace caravel::registry
