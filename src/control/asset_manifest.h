#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "base/codec.h"
#include "base/result.h"
#include "storage/blobs.h"

namespace caravel::api {

// What an upload session is to bring: the paths of a version's assets with
// their contents, by the names that the client gave these. Kept as a blob.
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

// Whether `text` has the form of a content's name.
bool IsAssetName(std::string_view text);

// {"/index.html": {"hash": "…", "size": 11}, …}. kInvalid names the path and
// what is wrong with it; kLimit: too many files, or one too large.
Result<AssetManifest> ReadAssetManifest(const boost::json::value& json);

// Its digest.
Result<std::string> KeepManifest(storage::Blobs& blobs,
                                 const AssetManifest& manifest);
Result<AssetManifest> LoadManifest(storage::Blobs& blobs,
                                   const std::string& digest);

}  // namespace caravel::api
