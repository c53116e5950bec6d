#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

// The file system, as an interface so that a test can let any call fail
// (storage/faulty_files.h). Errors name the call and the path; a full disk is
// kNoSpace, a read-only or foreign folder kDenied, both with a remedy.
namespace caravel::storage {

// Threads: any, several at once; calls block.
class Files {
 public:
  virtual ~Files() = default;

  // A new file to write to, mode 0600. kConflict when `path` exists.
  virtual Result<base::Fd> Create(const std::string& path) = 0;
  // An existing file to read from; symbolic links are not followed.
  virtual Result<base::Fd> Open(const std::string& path) = 0;
  // All of `bytes` at the file's position.
  virtual Status Write(const base::Fd& file, std::string_view bytes) = 0;
  // What was written survives a loss of power once this returns (fsync(2)).
  virtual Status Sync(const base::Fd& file) = 0;
  // Replaces `to` at one moment. Durable only behind SyncFolder().
  virtual Status Rename(const std::string& from, const std::string& to) = 0;
  // Removing what is not there is a success.
  virtual Status Remove(const std::string& path) = 0;
  // Mode 0700; a success when it is there.
  virtual Status MakeFolder(const std::string& path) = 0;
  virtual Status SyncFolder(const std::string& path) = 0;
  // Names in the folder, in no order.
  virtual Result<std::vector<std::string>> List(const std::string& path) = 0;
  // Bytes of a file; nothing when it is not there.
  virtual Result<std::optional<uint64_t>> Size(const std::string& path) = 0;
};

class SystemFiles final : public Files {
 public:
  Result<base::Fd> Create(const std::string& path) override;
  Result<base::Fd> Open(const std::string& path) override;
  Status Write(const base::Fd& file, std::string_view bytes) override;
  Status Sync(const base::Fd& file) override;
  Status Rename(const std::string& from, const std::string& to) override;
  Status Remove(const std::string& path) override;
  Status MakeFolder(const std::string& path) override;
  Status SyncFolder(const std::string& path) override;
  Result<std::vector<std::string>> List(const std::string& path) override;
  Result<std::optional<uint64_t>> Size(const std::string& path) override;
};

// Makes or replaces FOLDER/NAME so that a reader, and a restart after a loss of
// power, finds the old content or all of the new. Writes to the file `scratch`
// first, which is on the same file system, is used by nobody else, and is gone
// afterwards unless the machine stops.
Status ReplaceFile(Files& files, const std::string& folder,
                   const std::string& name, const std::string& scratch,
                   std::string_view bytes);

}  // namespace caravel::storage
