#include "storage/disk_blobs.h"

#include <algorithm>

#include "base/random.h"
#include "storage/digest.h"

namespace caravel::storage {
namespace {

constexpr size_t kMaxSideName = 100;

Status CheckDigest(std::string_view digest) {
  if (IsDigest(digest)) return {};
  return Error(ErrorCode::kInvalid,
               fmt::format("\"{}\" is no digest: 64 lower-case hexadecimal "
                           "digits are one",
                           digest));
}

bool IsSideNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

Status CheckSideName(std::string_view name) {
  if (!name.empty() && name.size() <= kMaxSideName &&
      std::ranges::all_of(name, IsSideNameCharacter)) {
    return {};
  }
  return Error(ErrorCode::kInvalid,
               fmt::format("\"{}\" is no name of a side file: 1 to {} of "
                           "[A-Za-z0-9._-] are one",
                           name, kMaxSideName));
}

Error NoBlob(std::string_view digest) {
  return Error(ErrorCode::kNotFound, fmt::format("there is no blob {}", digest))
      .Remedy("restore it from a backup, or deploy the Worker again");
}

}  // namespace

Result<std::unique_ptr<DiskBlobs>> DiskBlobs::Open(std::string root,
                                                   Files& files) {
  const std::string scratch = root + "/scratch";
  CARAVEL_TRY(files.MakeFolder(root));
  CARAVEL_TRY(files.MakeFolder(scratch));
  CARAVEL_TRY(files.SyncFolder(root));
  CARAVEL_TRY(const std::vector<std::string> left, files.List(scratch));
  for (const std::string& name : left) {
    CARAVEL_TRY(files.Remove(scratch + "/" + name));
  }
  return std::unique_ptr<DiskBlobs>(new DiskBlobs(std::move(root), files));
}

std::string DiskBlobs::FolderOf(std::string_view digest) const {
  return fmt::format("{}/{}", root_, digest.substr(0, 2));
}

std::string DiskBlobs::PathOf(std::string_view digest) const {
  return fmt::format("{}/{}", FolderOf(digest), digest);
}

Status DiskBlobs::Store(std::string_view digest, const std::string& name,
                        std::string_view bytes) {
  const std::string folder = FolderOf(digest);
  CARAVEL_TRY(files_.MakeFolder(folder));
  CARAVEL_TRY(files_.SyncFolder(root_));
  return ReplaceFile(files_, folder, name,
                     fmt::format("{}/scratch/{}", root_, base::RandomHex(16)),
                     bytes);
}

Result<std::string> DiskBlobs::Put(std::string_view bytes) {
  std::string digest = Sha256Hex(bytes);
  CARAVEL_TRY(const auto size, files_.Size(PathOf(digest)));
  if (size == bytes.size()) {
    // Whoever stored it may not have come to sync the name.
    CARAVEL_TRY(files_.SyncFolder(FolderOf(digest)));
    CARAVEL_TRY(files_.SyncFolder(root_));
    return digest;
  }
  CARAVEL_TRY(Store(digest, digest, bytes).In("store a blob"));
  return digest;
}

Result<base::Fd> DiskBlobs::Open(std::string_view digest) {
  CARAVEL_TRY(CheckDigest(digest));
  Result<base::Fd> file = files_.Open(PathOf(digest));
  if (!file && file.error().code() == ErrorCode::kNotFound) {
    return NoBlob(digest);
  }
  return file;
}

Result<bool> DiskBlobs::Exists(std::string_view digest) {
  CARAVEL_TRY(CheckDigest(digest));
  CARAVEL_TRY(const auto size, files_.Size(PathOf(digest)));
  return size.has_value();
}

Status DiskBlobs::Remove(std::string_view digest) {
  CARAVEL_TRY(CheckDigest(digest));
  const std::string folder = FolderOf(digest);
  CARAVEL_TRY(const auto folder_size, files_.Size(folder));
  if (!folder_size) return {};
  CARAVEL_TRY(const std::vector<std::string> names, files_.List(folder));
  // The blob goes first: without it, nobody asks for its side files.
  CARAVEL_TRY(files_.Remove(PathOf(digest)));
  const std::string side_files = fmt::format("{}.", digest);
  for (const std::string& name : names) {
    if (!name.starts_with(side_files)) continue;
    CARAVEL_TRY(files_.Remove(folder + "/" + name));
  }
  return files_.SyncFolder(folder);
}

Status DiskBlobs::Verify(std::string_view digest) {
  CARAVEL_TRY(const base::Fd file, Open(digest));
  CARAVEL_TRY(const std::string found, Sha256HexOfFile(file));
  if (found == digest) return {};
  return Error(ErrorCode::kInternal,
               fmt::format("blob {} was damaged: its file {} has the digest {}",
                           digest, PathOf(digest), found))
      .Remedy("restore the file from a backup, or remove it and deploy again");
}

Status DiskBlobs::PutBeside(std::string_view digest, std::string_view name,
                            std::string_view bytes) {
  CARAVEL_TRY(CheckSideName(name));
  CARAVEL_TRY(const bool exists, Exists(digest));
  if (!exists) return NoBlob(digest);
  return Store(digest, fmt::format("{}.{}", digest, name), bytes)
      .In("store a side file");
}

Result<base::Fd> DiskBlobs::OpenBeside(std::string_view digest,
                                       std::string_view name) {
  CARAVEL_TRY(CheckSideName(name));
  CARAVEL_TRY(CheckDigest(digest));
  return files_.Open(fmt::format("{}.{}", PathOf(digest), name));
}

}  // namespace caravel::storage
