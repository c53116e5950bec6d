#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/lifetime.h"
#include "base/result.h"
#include "registry/asset_config.h"

// The list of a version's assets: an immutable file that a host maps and looks
// paths up in where they lie. The contents are blobs of their own, shared by
// all versions that have them. docs/asset_list_format.md describes the bytes;
// fuzzed by tests/fuzz/asset_list_fuzz.cc.
namespace caravel::registry {

// The content codings in which contents are kept.
enum class AssetCoding : uint8_t { kIdentity, kBrotli, kZstd, kLast = kZstd };
inline constexpr size_t kAssetCodings = 3;

inline constexpr uint64_t kMostAssetBytes = 25 << 20;  // of one
inline constexpr size_t kMostAssets = 100'000;         // of a version

// One content of an asset, by coding. An empty digest: it was not made.
struct AssetForm {
  std::string digest;  // of the blob: SHA-256, hexadecimal
  uint64_t size = 0;
  bool operator==(const AssetForm&) const = default;
};
using AssetForms = std::array<AssetForm, kAssetCodings>;

struct Asset {
  std::string path;  // decoded: "/a b.html"
  std::string type;  // Content-Type; empty: none is told
  AssetForms forms;  // that of kIdentity is always there
};

// The file's bytes. kInvalid: a path twice, or one that does not begin with
// "/". kLimit: too many, or too large for the format.
Result<std::string> WriteAssetList(const AssetConfig& config,
                                   std::vector<Asset> assets);

// A list, mapped read-only and checked. Immutable; any thread may read. Moves
// only.
class AssetList {
 public:
  struct View {
    std::string_view path;
    std::string_view type;
    std::array<uint64_t, kAssetCodings> sizes;
    std::array<bool, kAssetCodings> has;
    // 32 bytes each; meaningless where `has` is false.
    std::array<std::string_view, kAssetCodings> digests;
  };

  // kInvalid when the bytes are no list or were damaged. The mapping outlives
  // `fd`.
  static Result<AssetList> Map(const base::Fd& fd);

  AssetList(AssetList&&) noexcept;
  AssetList& operator=(AssetList&&) noexcept;
  ~AssetList();

  const AssetConfig& config() const CARAVEL_LIFETIME_BOUND { return config_; }
  uint32_t size() const { return count_; }
  // Requires: index < size().
  View At(uint32_t index) const CARAVEL_LIFETIME_BOUND;
  // The index of the asset of that path; nothing where there is none.
  std::optional<uint32_t> Find(std::string_view path) const;

 private:
  AssetList() = default;
  std::string_view PathAt(uint32_t index) const;

  void* mapping_ = nullptr;
  size_t mapped_bytes_ = 0;
  uint32_t count_ = 0;
  AssetConfig config_;
};

}  // namespace caravel::registry
