#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "storage/blobs.h"
#include "storage/files.h"

namespace caravel::storage {

// Blobs in a folder of this machine:
//
//   ROOT/ab/abcdef…             a blob, in the folder of its first two digits
//   ROOT/ab/abcdef….NAME        a side file
//   ROOT/scratch/               files that are being written
//
// A file gets its name only when its bytes are on disk, so what has a name is
// whole. What was being written when the machine stopped lies in scratch/ and
// is removed when the folder is opened again.
class DiskBlobs final : public Blobs {
 public:
  // Makes `root` if its parent exists. One DiskBlobs a folder at a time.
  // `files` outlives this.
  static Result<std::unique_ptr<DiskBlobs>> Open(std::string root,
                                                 Files& files);

  Result<std::string> Put(std::string_view bytes) override;
  Result<base::Fd> Open(std::string_view digest) override;
  Result<bool> Exists(std::string_view digest) override;
  Status Remove(std::string_view digest) override;
  Status Verify(std::string_view digest) override;
  Status PutBeside(std::string_view digest, std::string_view name,
                   std::string_view bytes) override;
  Result<base::Fd> OpenBeside(std::string_view digest,
                              std::string_view name) override;

 private:
  DiskBlobs(std::string root, Files& files)
      : root_(std::move(root)), files_(files) {}

  std::string FolderOf(std::string_view digest) const;
  std::string PathOf(std::string_view digest) const;
  Status Store(std::string_view digest, const std::string& name,
               std::string_view bytes);

  const std::string root_;
  Files& files_;
};

}  // namespace caravel::storage
