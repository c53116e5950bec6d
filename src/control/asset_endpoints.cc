// A session is a manifest in the registry and a token that names it. What has
// arrived stands there by account, so a session that is begun again goes on
// where the last one ended, and versions share what they have in common.
#include "control/asset_endpoints.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <map>
#include <set>

#include "control/asset_files.h"
#include "control/asset_manifest.h"
#include "control/upload_token.h"
#include "registry/asset_list.h"

namespace caravel::api {
namespace {

// What is uploaded together; wrangler sends three buckets at a time.
constexpr size_t kMostFilesOfBucket = 100;
// What is coded in one turn of the account, a few seconds.
constexpr uint64_t kMostBytesOfBucket = 4 << 20;

// Where there is no type, wrangler says so by this one.
constexpr std::string_view kNoType = "application/null";
constexpr size_t kMostTypeBytes = 255;

using Buckets = std::vector<std::vector<std::string>>;

// Fills buckets with one content after the other.
class BucketFiller {
 public:
  void Add(const AssetManifest::File& file) {
    if (buckets_.empty() || buckets_.back().size() >= kMostFilesOfBucket ||
        bytes_ + file.size > kMostBytesOfBucket) {
      buckets_.emplace_back();
      bytes_ = 0;
    }
    buckets_.back().push_back(file.name);
    bytes_ += file.size;
  }
  Buckets Take() { return std::move(buckets_); }

 private:
  Buckets buckets_;
  uint64_t bytes_ = 0;
};

std::vector<std::string> NamesOf(const AssetManifest& manifest) {
  std::vector<std::string> names;
  for (const AssetManifest::File& file : manifest.files) {
    names.push_back(file.name);
  }
  return names;
}

Result<std::string> DecodeContent(const Part& part, bool is_base64) {
  if (!is_base64) return std::string(part.content);
  std::string bytes(part.content.size(), '\0');
  size_t size = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()),
                        bytes.size(), part.content.data(), part.content.size(),
                        "\r\n", &size, nullptr,
                        sodium_base64_VARIANT_ORIGINAL) != 0) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("part \"{}\": is not base64", part.name));
  }
  bytes.resize(size);
  return bytes;
}

// As it is served: no line of a response may break on it.
Result<std::string> TypeOf(const Part& part) {
  const std::string& type = part.content_type_line;
  const bool is_text =
      std::ranges::all_of(type, [](char c) { return c >= ' ' && c <= '~'; });
  if (!is_text || type.size() > kMostTypeBytes) {
    return Error(
        ErrorCode::kInvalid,
        fmt::format("part \"{}\": its content type is none", part.name));
  }
  return type == kNoType ? std::string() : type;
}

Result<CodedAsset> Code(const Part& part,
                        const std::map<std::string, uint64_t>& sizes,
                        bool is_base64) {
  const auto expected = sizes.find(part.name);
  if (expected == sizes.end()) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("part \"{}\": the manifest has no such hash",
                             part.name.substr(0, 100)))
        .Remedy("begin the upload anew");
  }
  CARAVEL_TRY(std::string content, DecodeContent(part, is_base64));
  if (content.size() != expected->second) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("part \"{}\": it has {} bytes, the manifest says "
                             "{}",
                             part.name, content.size(), expected->second))
        .Remedy("the file has changed meanwhile: begin the upload anew");
  }
  CARAVEL_TRY(std::string type, TypeOf(part));
  return CodeAsset(part.name, std::move(type), std::move(content));
}

// Takes what has been coded.
Status Keep(Caller& caller, std::vector<CodedAsset>& coded) {
  CARAVEL_TRY(const KeptAssets kept,
              KeepAssets(caller.services.kept_blobs, std::exchange(coded, {})));
  return caller.services.asset_uploads.Keep(caller.account, kept.files);
}

// Those of the names whose contents are here.
Result<std::set<std::string>> KnownOf(Caller& caller,
                                      const std::vector<std::string>& names) {
  CARAVEL_TRY(const std::vector<registry::AssetFile> files,
              caller.services.asset_uploads.Find(caller.account, names));
  std::set<std::string> known;
  for (const registry::AssetFile& file : files) known.insert(file.name);
  return known;
}

// Whether all contents are there. The missing ones stand at the end of the
// manifest and arrive in their order: looked at from there, the first look
// mostly tells.
Result<bool> IsComplete(Caller& caller, const AssetManifest& manifest) {
  std::vector<std::string> names = NamesOf(manifest);
  std::ranges::reverse(names);
  CARAVEL_TRY(const auto files,
              caller.services.asset_uploads.Find(caller.account, names,
                                                 /*all_or_first=*/true));
  return files.size() == names.size();
}

}  // namespace

Result<UploadSessionSeen> PostUploadSession(Caller& caller,
                                            const ScriptPath& path,
                                            UploadSessionInput input) {
  const Services& services = caller.services;
  CARAVEL_TRY(AssetManifest manifest, ReadAssetManifest(input.manifest));
  CARAVEL_TRY(std::set<std::string> known, KnownOf(caller, NamesOf(manifest)));
  std::ranges::stable_partition(manifest.files,
                                [&](const AssetManifest::File& file) {
                                  return known.contains(file.name);
                                });
  CARAVEL_TRY(
      const std::string session,
      services.asset_uploads.Begin(caller.account, base::Encode(manifest)));
  // What is there once the session has begun stays.
  CARAVEL_TRY(known, KnownOf(caller, {known.begin(), known.end()}));

  BucketFiller filler;
  std::set<std::string_view> asked;
  for (const AssetManifest::File& file : manifest.files) {
    if (!known.contains(file.name) && asked.insert(file.name).second) {
      filler.Add(file);
    }
  }
  UploadToken token = {.use = asked.empty() ? UploadToken::Use::kComplete
                                            : UploadToken::Use::kUpload,
                       .account = caller.account.value,
                       .worker = path.script_name,
                       .session = session,
                       .begun_by = caller.owner.token.value};
  return UploadSessionSeen{
      .jwt = WriteUploadToken(services.registry, token, services.clock.Wall()),
      .buckets = filler.Take()};
}

Result<AssetsUploadedSeen> PostAssets(Caller& caller, const AccountPath&,
                                      Query<AssetsUploadQuery> query,
                                      Files files) {
  const Services& services = caller.services;
  CARAVEL_TRY(const AssetManifest manifest,
              LoadManifest(services.asset_uploads, caller.account,
                           caller.session->session));
  std::map<std::string, uint64_t> sizes;
  for (const AssetManifest::File& file : manifest.files) {
    sizes.emplace(file.name, file.size);
  }
  // A client that has heard no answer sends them again.
  std::vector<std::string> names;
  for (const Part& part : files.parts) names.push_back(part.name);
  CARAVEL_TRY(std::set<std::string> known, KnownOf(caller, names));
  std::vector<CodedAsset> coded;
  uint64_t bytes = 0;
  for (const Part& part : files.parts) {
    if (!known.insert(part.name).second) continue;
    CARAVEL_TRY(CodedAsset asset,
                Code(part, sizes, query->base64.value_or(false)));
    bytes += asset.forms[0]->size();
    coded.push_back(std::move(asset));
    if (bytes < kMostBytesOfBucket) continue;
    CARAVEL_TRY(Keep(caller, coded));
    bytes = 0;
  }
  CARAVEL_TRY(Keep(caller, coded));
  CARAVEL_TRY(const bool complete, IsComplete(caller, manifest));
  if (!complete) return AssetsUploadedSeen{};
  UploadToken token = *caller.session;
  token.use = UploadToken::Use::kComplete;
  const std::string text =
      WriteUploadToken(services.registry, token, services.clock.Wall());
  return AssetsUploadedSeen{boost::json::value(boost::json::string(text))};
}

}  // namespace caravel::api
