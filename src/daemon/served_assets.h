#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/mutex.h"
#include "base/result.h"
#include "registry/asset_list.h"
#include "registry/model.h"
#include "storage/blobs.h"

namespace caravel::daemon {

// The static assets of the Workers of `serve`: the files of folders where they
// lie. As blobs they are the lists that were made, and files by what they held
// when the latest was made.
//
// Threads: List() and Put() one, the others any.
class ServedAssets final : public storage::Blobs {
 public:
  // Makes the list of what is in `folder` now, for a version of that Worker;
  // its digest. `config` is JSON, as the key "assets" of a wrangler
  // configuration has it. kInvalid names what is wrong in it, or the line of
  // _redirects or _headers.
  Result<std::string> List(const registry::WorkerId& worker,
                           const std::string& folder, std::string_view config);

  // The version of that Worker with that list is served from now on. Lists of
  // it that were made before both that one and the one that was served until
  // now are forgotten, so that edits take neither memory nor descriptors.
  // Empty: it has none.
  void NoteServed(const registry::WorkerId& worker, const std::string& digest)
      CARAVEL_EXCLUDES(mutex_);

  // Blobs
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
  // By what a file was known to be unchanged.
  struct Known {
    int64_t changed_ns = 0;
    uint64_t size = 0;
    std::string digest;
  };

  // The lists of a Worker, in the order in which they were made.
  struct Made {
    std::vector<std::string> digests;
    std::string served;  // empty: none yet
  };

  Result<registry::Asset> Read(const std::string& file, std::string path);
  bool IsMade(const std::string& digest) const CARAVEL_REQUIRES(mutex_);

  std::map<std::string, Known> known_;  // by file
  base::Mutex mutex_;
  // By digest.
  std::map<std::string, base::Fd, std::less<>> lists_
      CARAVEL_GUARDED_BY(mutex_);
  std::map<std::string, std::string, std::less<>> files_
      CARAVEL_GUARDED_BY(mutex_);
  std::map<registry::WorkerId, Made> made_ CARAVEL_GUARDED_BY(mutex_);
};

// The Content-Type of a file of that name, as wrangler uploads it; empty: it is
// of none that is known.
std::string ContentTypeOf(std::string_view name);

}  // namespace caravel::daemon
