// Entries of one size, sorted by path, then the texts that they point at.
// Mapping checks the checksum, then every entry, so that a list which was
// accepted can be used without another check: a search compares bytes and
// follows offsets that are known to lie inside.
#include "registry/asset_list.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <limits>
#include <utility>

#include "base/crc32c.h"
#include "base/hex.h"

namespace caravel::registry {
namespace {

static_assert(std::endian::native == std::endian::little,
              "asset lists are little-endian and used where they lie");

constexpr std::string_view kAssetMagic(
    "\x89"
    "CVASST\n",
    8);
constexpr uint32_t kAssetFormatVersion = 2;
constexpr size_t kAssetChecksummedFrom = 12;  // behind magic and checksum
constexpr size_t kDigestBytes = 32;

struct AssetHeader {
  char magic[8];
  uint32_t checksum;
  uint32_t format_version;
  uint32_t file_bytes;
  uint32_t asset_count;
  uint32_t config_at;
  uint32_t config_bytes;
};
static_assert(sizeof(AssetHeader) == 32);

struct AssetEntry {
  uint32_t path_at;
  uint32_t path_bytes;
  uint32_t type_at;
  uint32_t type_bytes;
  uint64_t sizes[kAssetCodings];
  char digests[kAssetCodings][kDigestBytes];
  uint32_t codings;  // bit i: the content is there in coding i
  uint32_t zero;
};
static_assert(sizeof(AssetEntry) == 144);

Error NoList(std::string reason) {
  return Error(ErrorCode::kInvalid, "asset list: " + std::move(reason))
      .Remedy("deploy the Worker again, or restore the file from a backup");
}

Status CheckAssets(const std::vector<Asset>& assets) {
  if (assets.size() > kMostAssets) {
    return Error(ErrorCode::kLimit,
                 fmt::format("a version has {} assets; {} are allowed",
                             assets.size(), kMostAssets));
  }
  for (size_t i = 0; i < assets.size(); ++i) {
    if (!assets[i].path.starts_with('/')) {
      return Error(ErrorCode::kInvalid,
                   fmt::format("asset \"{}\": its path does not begin with /",
                               assets[i].path));
    }
    if (i > 0 && assets[i].path == assets[i - 1].path) {
      return Error(ErrorCode::kInvalid, fmt::format("asset \"{}\" is there "
                                                    "twice",
                                                    assets[i].path));
    }
  }
  return {};
}

Result<AssetEntry> EntryOf(const Asset& asset) {
  AssetEntry entry = {};
  for (size_t i = 0; i < kAssetCodings; ++i) {
    const AssetForm& form = asset.forms[i];
    if (form.digest.empty()) continue;
    const auto bytes = base::FromHex(form.digest);
    if (!bytes || bytes->size() != kDigestBytes) {
      return Error(ErrorCode::kInvalid,
                   fmt::format("asset \"{}\": \"{}\" is no digest", asset.path,
                               form.digest));
    }
    bytes->copy(entry.digests[i], kDigestBytes);
    entry.sizes[i] = form.size;
    entry.codings |= 1U << i;
  }
  if ((entry.codings & 1) == 0) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("asset \"{}\" has no content", asset.path));
  }
  return entry;
}

template <typename T>
void PlaceAt(std::string& file, size_t at, const T& value) {
  std::memcpy(file.data() + at, &value, sizeof value);
}

bool LiesInside(std::string_view file, uint32_t at, uint32_t size) {
  return at <= file.size() && size <= file.size() - at;
}

AssetEntry EntryAt(const char* file, uint32_t index) {
  AssetEntry entry = {};
  std::memcpy(&entry, file + sizeof(AssetHeader) + size_t{index} * sizeof entry,
              sizeof entry);
  return entry;
}

Result<AssetHeader> ReadAssetHeader(std::string_view file) {
  AssetHeader header = {};
  std::memcpy(&header, file.data(), sizeof header);
  if (file.substr(0, kAssetMagic.size()) != kAssetMagic) {
    return NoList("the file does not begin as one");
  }
  if (header.checksum != base::Crc32c(file.substr(kAssetChecksummedFrom))) {
    return NoList("the checksum is wrong: the file was damaged");
  }
  if (header.format_version == 0 ||
      header.format_version > kAssetFormatVersion) {
    return NoList(fmt::format("format {} is unknown, {} is known",
                              header.format_version, kAssetFormatVersion))
        .Remedy("it was written by a newer version: update this one");
  }
  if (header.file_bytes != file.size()) {
    return NoList(fmt::format("it has {} bytes and should have {}", file.size(),
                              header.file_bytes));
  }
  if (header.asset_count > kMostAssets ||
      header.asset_count >
          (file.size() - sizeof(AssetHeader)) / sizeof(AssetEntry)) {
    return NoList("its table is longer than the file");
  }
  if (!LiesInside(file, header.config_at, header.config_bytes)) {
    return NoList("its configuration lies outside the file");
  }
  return header;
}

Status CheckEntries(std::string_view file, uint32_t count) {
  std::string_view before;
  for (uint32_t i = 0; i < count; ++i) {
    const AssetEntry entry = EntryAt(file.data(), i);
    if (!LiesInside(file, entry.path_at, entry.path_bytes) ||
        !LiesInside(file, entry.type_at, entry.type_bytes)) {
      return NoList(fmt::format("asset {} lies outside the file", i));
    }
    const auto path = file.substr(entry.path_at, entry.path_bytes);
    if (!path.starts_with('/') || path <= before) {
      return NoList(fmt::format("the path of asset {} is not in order", i));
    }
    before = path;
    if ((entry.codings & 1) == 0 || entry.codings >> kAssetCodings != 0) {
      return NoList(fmt::format("asset {} is of unknown codings", i));
    }
    for (const uint64_t size : entry.sizes) {
      if (size > kMostAssetBytes) {
        return NoList(fmt::format("asset {} is too large", i));
      }
    }
  }
  return {};
}

// A redirect of format 1, whose host nothing ever set.
struct RedirectOfHost {
  std::string host;
  std::string from;
  std::string to;
  uint16_t status = 302;
  static constexpr auto Fields() {
    return base::Fields(&RedirectOfHost::host, &RedirectOfHost::from,
                        &RedirectOfHost::to, &RedirectOfHost::status);
  }
};

Result<AssetConfig> DecodeConfig(std::string_view bytes, uint32_t format) {
  if (format == kAssetFormatVersion) return base::Decode<AssetConfig>(bytes);
  AssetConfig config;
  std::vector<RedirectOfHost> redirects;
  base::Decoder decoder(bytes);
  CARAVEL_TRY(decoder.Get(config.html_handling));
  CARAVEL_TRY(decoder.Get(config.not_found_handling));
  CARAVEL_TRY(decoder.Get(config.worker_first));
  CARAVEL_TRY(decoder.Get(config.worker_patterns));
  CARAVEL_TRY(decoder.Get(config.asset_patterns));
  CARAVEL_TRY(decoder.Get(redirects));
  CARAVEL_TRY(decoder.Get(config.headers));
  for (RedirectOfHost& rule : redirects) {
    config.redirects.push_back(
        {std::move(rule.from), std::move(rule.to), rule.status});
  }
  return config;
}

}  // namespace

Result<std::string> WriteAssetList(const AssetConfig& config,
                                   std::vector<Asset> assets) {
  std::ranges::sort(assets, {}, &Asset::path);
  CARAVEL_TRY(CheckAssets(assets));
  const std::string encoded = base::Encode(config);
  const size_t texts_at =
      sizeof(AssetHeader) + assets.size() * sizeof(AssetEntry);
  std::string file(texts_at, '\0');
  for (size_t i = 0; i < assets.size(); ++i) {
    CARAVEL_TRY(AssetEntry entry, EntryOf(assets[i]));
    entry.path_at = static_cast<uint32_t>(file.size());
    entry.path_bytes = static_cast<uint32_t>(assets[i].path.size());
    file += assets[i].path;
    entry.type_at = static_cast<uint32_t>(file.size());
    entry.type_bytes = static_cast<uint32_t>(assets[i].type.size());
    file += assets[i].type;
    PlaceAt(file, sizeof(AssetHeader) + i * sizeof entry, entry);
  }
  AssetHeader header = {.magic = {},
                        .checksum = 0,
                        .format_version = kAssetFormatVersion,
                        .file_bytes = 0,
                        .asset_count = static_cast<uint32_t>(assets.size()),
                        .config_at = static_cast<uint32_t>(file.size()),
                        .config_bytes = static_cast<uint32_t>(encoded.size())};
  file += encoded;
  if (file.size() > std::numeric_limits<uint32_t>::max()) {
    return Error(ErrorCode::kLimit, "the paths of the assets are too long");
  }
  header.file_bytes = static_cast<uint32_t>(file.size());
  kAssetMagic.copy(header.magic, kAssetMagic.size());
  PlaceAt(file, 0, header);
  header.checksum =
      base::Crc32c(std::string_view(file).substr(kAssetChecksummedFrom));
  PlaceAt(file, 0, header);
  return file;
}

Result<AssetList> AssetList::Map(const base::Fd& fd) {
  struct stat status = {};
  if (::fstat(fd.get(), &status) != 0) {
    return ErrnoError("fstat asset list", errno);
  }
  const auto size = static_cast<size_t>(status.st_size);
  if (size < sizeof(AssetHeader)) {
    return NoList(fmt::format("{} bytes are too few", size));
  }
  void* mapping =
      ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd.get(), 0);
  if (mapping == MAP_FAILED) return ErrnoError("mmap asset list", errno);
  AssetList list;
  list.mapping_ = mapping;
  list.mapped_bytes_ = size;
  const std::string_view file(static_cast<const char*>(mapping), size);
  CARAVEL_TRY(const AssetHeader header, ReadAssetHeader(file));
  CARAVEL_TRY(CheckEntries(file, header.asset_count));
  list.count_ = header.asset_count;
  CARAVEL_TRY(list.config_,
              DecodeConfig(file.substr(header.config_at, header.config_bytes),
                           header.format_version));
  return list;
}

AssetList::AssetList(AssetList&& other) noexcept
    : mapping_(std::exchange(other.mapping_, nullptr)),
      mapped_bytes_(std::exchange(other.mapped_bytes_, 0)),
      count_(std::exchange(other.count_, 0)),
      config_(std::move(other.config_)) {}

AssetList& AssetList::operator=(AssetList&& other) noexcept {
  std::swap(mapping_, other.mapping_);
  std::swap(mapped_bytes_, other.mapped_bytes_);
  std::swap(count_, other.count_);
  std::swap(config_, other.config_);
  return *this;
}

AssetList::~AssetList() {
  if (mapping_ != nullptr) ::munmap(mapping_, mapped_bytes_);
}

std::string_view AssetList::PathAt(uint32_t index) const {
  const char* file = static_cast<const char*>(mapping_);
  const char* entry =
      file + sizeof(AssetHeader) + size_t{index} * sizeof(AssetEntry);
  uint32_t place[2];
  std::memcpy(place, entry, sizeof place);
  return {file + place[0], place[1]};
}

AssetList::View AssetList::At(uint32_t index) const {
  const char* file = static_cast<const char*>(mapping_);
  const AssetEntry entry = EntryAt(file, index);
  View view = {.path = {file + entry.path_at, entry.path_bytes},
               .type = {file + entry.type_at, entry.type_bytes},
               .sizes = {},
               .has = {},
               .digests = {}};
  const char* digests = file + sizeof(AssetHeader) +
                        size_t{index} * sizeof entry +
                        offsetof(AssetEntry, digests);
  for (size_t i = 0; i < kAssetCodings; ++i) {
    view.sizes[i] = entry.sizes[i];
    view.has[i] = (entry.codings >> i & 1) != 0;
    view.digests[i] = {digests + i * kDigestBytes, kDigestBytes};
  }
  return view;
}

std::optional<uint32_t> AssetList::Find(std::string_view path) const {
  uint32_t begin = 0;
  uint32_t end = count_;
  while (begin < end) {
    const uint32_t middle = begin + (end - begin) / 2;
    const int order = PathAt(middle).compare(path);
    if (order == 0) return middle;
    if (order < 0) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return {};
}

}  // namespace caravel::registry
