// Damage is told from a wrong key: the checksum is compared before anything is
// unsealed. A file's generation says which of the two is newer; sequences do
// not, since a restored database begins them again.
#include "registry/snapshot_file.h"

#include <array>
#include <charconv>
#include <cstring>
#include <map>
#include <utility>

#include "base/crc32c.h"

namespace caravel::registry {
namespace {

constexpr std::string_view kAsidePrefix = "published.kept.";
constexpr std::array<std::string_view, 2> kNames = {"published.0",
                                                    "published.1"};
constexpr std::string_view kMagic(
    "\x89"
    "CVSNAP\n",
    8);
constexpr size_t kChecksumAt = 8;
constexpr size_t kBodyAt = 12;
constexpr uint32_t kSnapshotVersion = 1;
constexpr std::string_view kPlace = "the published snapshot";
constexpr size_t kMaxBytes = 1 << 30;

// What stands behind the checksum.
struct SnapshotBody {
  uint32_t format_version = kSnapshotVersion;
  uint64_t generation = 0;
  std::string sealed;  // an encoded Snapshot
  static constexpr auto Fields() {
    return base::Fields(&SnapshotBody::format_version,
                        &SnapshotBody::generation, &SnapshotBody::sealed);
  }
};

std::string ToFile(const SnapshotBody& body) {
  const std::string encoded = base::Encode(body);
  const uint32_t checksum = base::Crc32c(encoded);
  std::string bytes(kMagic);
  bytes.append(reinterpret_cast<const char*>(&checksum), sizeof checksum);
  return bytes + encoded;
}

Result<SnapshotBody> FromFile(std::string_view bytes) {
  if (bytes.size() < kBodyAt || !bytes.starts_with(kMagic)) {
    return Error(ErrorCode::kInvalid, "the file is no snapshot");
  }
  uint32_t checksum = 0;
  std::memcpy(&checksum, bytes.data() + kChecksumAt, sizeof checksum);
  if (checksum != base::Crc32c(bytes.substr(kBodyAt))) {
    return Error(ErrorCode::kInvalid,
                 "the checksum is wrong: the file was damaged");
  }
  CARAVEL_TRY(SnapshotBody body,
              base::Decode<SnapshotBody>(bytes.substr(kBodyAt)));
  if (body.format_version != kSnapshotVersion) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("format {} is unknown", body.format_version));
  }
  return body;
}

Result<SnapshotBody> ReadBody(storage::Files& files, const std::string& path) {
  CARAVEL_TRY(const base::Fd file, files.Open(path));
  CARAVEL_TRY(const std::string bytes, base::ReadWholeFile(file, kMaxBytes));
  Result<SnapshotBody> body = FromFile(bytes);
  return std::move(body).In("snapshot file " + path);
}

}  // namespace

SnapshotFile::SnapshotFile(std::string folder, SecretBox secrets,
                           storage::Files& files)
    : folder_(std::move(folder)), secrets_(secrets), files_(files) {}

Result<SnapshotFile::Slots> SnapshotFile::Inspect() const {
  Slots slots;
  for (size_t slot = 0; slot < kNames.size(); ++slot) {
    auto body = ReadBody(files_, fmt::format("{}/{}", folder_, kNames[slot]));
    if (body) {
      if (body->generation < slots.generation) continue;
      slots = {.newest = slot, .generation = body->generation};
    } else if (body.error().code() != ErrorCode::kNotFound &&
               body.error().code() != ErrorCode::kInvalid) {
      // Neither absent nor damaged: it may be the newest one.
      return std::move(body).error();
    }
  }
  return slots;
}

Status SnapshotFile::Save(const Snapshot& snapshot) {
  // Nothing is known any more behind a failure.
  std::optional<Slots> before = std::exchange(slots_, std::nullopt);
  if (!before) {
    CARAVEL_TRY(before, Inspect());
  }
  const Slots after = {.newest = 1 - before->newest,
                       .generation = before->generation + 1};
  CARAVEL_TRY(
      Write(std::string(kNames[after.newest]), after.generation, snapshot));
  slots_ = after;
  return {};
}

Result<std::string> SnapshotFile::SaveAside(const Snapshot& snapshot) {
  const std::string name =
      fmt::format("{}{}", kAsidePrefix, snapshot.sequence.value);
  CARAVEL_TRY(Write(name, /*generation=*/1, snapshot));
  // What cannot be removed now is in nobody's way; the next time tries again.
  (void)TrimAside(name).has_value();
  return folder_ + "/" + name;
}

Status SnapshotFile::TrimAside(const std::string& name) {
  CARAVEL_TRY(const std::vector<std::string> names, files_.List(folder_));
  std::map<uint64_t, std::string> others;  // by sequence
  for (const std::string& other : names) {
    if (!other.starts_with(kAsidePrefix) || other == name) continue;
    uint64_t sequence = 0;
    const char* last = other.data() + other.size();
    const auto [end, error] =
        std::from_chars(other.data() + kAsidePrefix.size(), last, sequence);
    if (error == std::errc() && end == last) others.emplace(sequence, other);
  }
  while (others.size() > kKeptBeside) {
    CARAVEL_TRY(
        files_.Remove(fmt::format("{}/{}", folder_, others.begin()->second)));
    others.erase(others.begin());
  }
  return {};
}

Status SnapshotFile::Write(const std::string& name, uint64_t generation,
                           const Snapshot& snapshot) {
  const std::string bytes =
      ToFile({.generation = generation,
              .sealed = secrets_.Seal(base::Encode(snapshot), kPlace)});
  const std::string scratch = fmt::format("{}/{}.new", folder_, name);
  CARAVEL_TRY(files_.Remove(scratch));
  return storage::ReplaceFile(files_, folder_, name, scratch, bytes)
      .In("save the published snapshot");
}

SnapshotFile::Loaded SnapshotFile::Load() const {
  Loaded loaded;
  uint64_t generation = 0;
  for (const std::string_view name : kNames) {
    const auto snapshot = [&]() -> Result<std::pair<uint64_t, Snapshot>> {
      const std::string path = fmt::format("{}/{}", folder_, name);
      CARAVEL_TRY(const SnapshotBody body, ReadBody(files_, path));
      CARAVEL_TRY(const std::string encoded,
                  secrets_.Unseal(body.sealed, kPlace));
      CARAVEL_TRY(Snapshot decoded, base::Decode<Snapshot>(encoded));
      return std::pair(body.generation, std::move(decoded));
    }();
    if (!snapshot) {
      if (snapshot.error().code() == ErrorCode::kNotFound) continue;
      loaded.damage.push_back(snapshot.error().Clone());
    } else if (!loaded.snapshot || snapshot->first > generation) {
      generation = snapshot->first;
      loaded.snapshot = snapshot->second;
    }
  }
  return loaded;
}

}  // namespace caravel::registry
