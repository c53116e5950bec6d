// Coded once, when it is uploaded, so that the effort may be high: what is
// spared is paid back with each request. Only where it gains something worth
// another file: mostly of texts.
#include "control/asset_files.h"

#include <brotli/encode.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace caravel::api {
namespace {

using registry::AssetCoding;

constexpr size_t kLeastCoded = 1024;
// Brotli's best takes a second for a megabyte.
constexpr size_t kMostForBest = 256 << 10;
constexpr int kBestQuality = 11;
constexpr int kGoodQuality = 7;
constexpr int kZstdLevel = 17;

// Whether contents of that type gain by being coded. Those that do not are
// coded already.
bool IsCompressible(std::string_view type) {
  type = type.substr(0, type.find(';'));
  constexpr auto kExact = std::to_array<std::string_view>(
      {"application/javascript", "application/json", "application/ld+json",
       "application/manifest+json", "application/wasm", "application/x-ndjson",
       "application/xml", "application/rtf", "application/x-javascript",
       "font/otf", "font/ttf", "image/bmp", "image/svg+xml",
       "image/vnd.microsoft.icon", "image/x-icon",
       "application/vnd.ms-fontobject"});
  return type.starts_with("text/") || type.ends_with("+json") ||
         type.ends_with("+xml") ||
         std::ranges::find(kExact, type) != kExact.end();
}

std::optional<std::string> ToBrotli(std::string_view content) {
  std::string coded(BrotliEncoderMaxCompressedSize(content.size()), '\0');
  size_t size = coded.size();
  const int quality =
      content.size() <= kMostForBest ? kBestQuality : kGoodQuality;
  if (BrotliEncoderCompress(
          quality, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_GENERIC, content.size(),
          reinterpret_cast<const uint8_t*>(content.data()), &size,
          reinterpret_cast<uint8_t*>(coded.data())) == 0) {
    return {};
  }
  coded.resize(size);
  return coded;
}

std::optional<std::string> ToZstd(std::string_view content) {
  std::string coded(ZSTD_compressBound(content.size()), '\0');
  const size_t size = ZSTD_compress(coded.data(), coded.size(), content.data(),
                                    content.size(), kZstdLevel);
  if (ZSTD_isError(size) != 0) return {};
  coded.resize(size);
  return coded;
}

// At least a tenth less than what it stands for.
bool IsWorthIt(const std::optional<std::string>& coded, size_t size) {
  return coded && coded->size() <= size - size / 10;
}

}  // namespace

CodedAsset CodeAsset(std::string name, std::string type, std::string content) {
  CodedAsset asset = {
      .name = std::move(name), .type = std::move(type), .forms = {}};
  const auto form = [&](AssetCoding coding) -> std::optional<std::string>& {
    return asset.forms[static_cast<size_t>(coding)];
  };
  if (content.size() >= kLeastCoded && IsCompressible(asset.type)) {
    for (const auto& [coding, code] :
         {std::pair(AssetCoding::kBrotli, &ToBrotli),
          std::pair(AssetCoding::kZstd, &ToZstd)}) {
      auto coded = code(content);
      if (IsWorthIt(coded, content.size())) form(coding) = std::move(coded);
    }
  }
  form(AssetCoding::kIdentity) = std::move(content);
  return asset;
}

Result<KeptAssets> KeepAssets(registry::KeptBlobs& blobs,
                              std::vector<CodedAsset> assets) {
  std::vector<std::string_view> forms;
  for (const CodedAsset& asset : assets) {
    for (const auto& form : asset.forms) {
      if (form) forms.emplace_back(*form);
    }
  }
  CARAVEL_TRY(registry::KeptBlobs::Stored stored,
              blobs.Put(forms, registry::BlobKind::kPlain));
  KeptAssets kept = {.files = {}, .hold = std::move(stored.hold)};
  auto digest = stored.digests.begin();
  for (CodedAsset& asset : assets) {
    registry::AssetFile& file = kept.files.emplace_back(
        registry::AssetFile{std::move(asset.name), std::move(asset.type), {}});
    for (size_t i = 0; i < asset.forms.size(); ++i) {
      if (!asset.forms[i]) continue;
      file.forms[i] = {.digest = std::move(*digest++),
                       .size = asset.forms[i]->size()};
    }
  }
  return kept;
}

}  // namespace caravel::api
