#include "control/asset_manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <map>

#include "control/percent.h"
#include "registry/asset_list.h"

namespace caravel::api {
namespace {

constexpr size_t kMostPathBytes = 4096;

Error WrongEntry(std::string_view path, std::string_view what) {
  return Error(ErrorCode::kInvalid,
               fmt::format("manifest[\"{}\"]{}", path.substr(0, 200), what));
}

Result<AssetManifest::File> ReadFile(std::string_view path,
                                     const boost::json::value& json) {
  const boost::json::object* object = json.if_object();
  if (object == nullptr) return WrongEntry(path, ": must be an object");
  if (!path.starts_with('/') || path.size() > kMostPathBytes) {
    return WrongEntry(path, ": must begin with / and have at most 4096 bytes");
  }
  auto decoded = PercentDecode(path);
  if (!decoded) return WrongEntry(path, ": is not percent-encoded rightly");
  const boost::json::value* hash = object->if_contains("hash");
  if (hash == nullptr || !hash->is_string() ||
      !IsAssetName(std::string_view(hash->as_string()))) {
    return WrongEntry(path, ".hash: must be 32 hexadecimal digits");
  }
  const boost::json::value* size = object->if_contains("size");
  if (size == nullptr || !size->is_int64() || size->as_int64() < 0) {
    return WrongEntry(path, ".size: must be a whole number");
  }
  const auto bytes = static_cast<uint64_t>(size->as_int64());
  if (bytes > registry::kMostAssetBytes) {
    return Error(ErrorCode::kLimit,
                 fmt::format("asset \"{}\" has {} bytes; {} are allowed", path,
                             bytes, registry::kMostAssetBytes))
        .Remedy("leave it out by .assetsignore, or serve it from elsewhere");
  }
  return AssetManifest::File{.path = *std::move(decoded),
                             .name = std::string(hash->as_string()),
                             .size = bytes};
}

}  // namespace

bool IsAssetName(std::string_view text) {
  return text.size() == 32 && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

Result<AssetManifest> ReadAssetManifest(const boost::json::value& json) {
  const boost::json::object* object = json.if_object();
  if (object == nullptr) {
    return Error(ErrorCode::kInvalid, "manifest: must be an object");
  }
  if (object->size() > registry::kMostAssets) {
    return Error(ErrorCode::kLimit,
                 fmt::format("the manifest has {} files; {} are allowed",
                             object->size(), registry::kMostAssets));
  }
  AssetManifest manifest;
  std::map<std::string, uint64_t> sizes;  // by the content's name
  for (const auto& [path, value] : *object) {
    CARAVEL_TRY(AssetManifest::File file, ReadFile(path, value));
    const auto [known, is_new] = sizes.emplace(file.name, file.size);
    if (!is_new && known->second != file.size) {
      return WrongEntry(path, ".size: another file of that hash has another");
    }
    manifest.files.push_back(std::move(file));
  }
  return manifest;
}

Result<AssetManifest> LoadManifest(registry::AssetUploads& uploads,
                                   const registry::AccountId& account,
                                   const std::string& session) {
  CARAVEL_TRY(const std::string bytes, uploads.Manifest(account, session));
  return base::Decode<AssetManifest>(bytes);
}

}  // namespace caravel::api
