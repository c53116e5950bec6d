#pragma once

#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"

// The seam to large immutable things: bundles now, assets and R2 objects later.
// A blob's name is the SHA-256 of its bytes. Passes storage/blobs_contract.h.
namespace caravel::storage {

// Threads: any, several at once; calls block.
class Blobs {
 public:
  virtual ~Blobs() = default;

  // Stores `bytes` and gives their digest, 64 lower-case hexadecimal digits.
  // When this returns a value the blob is on disk; when it does not, the blob
  // is absent or whole. Storing what is there already is a success.
  virtual Result<std::string> Put(std::string_view bytes) = 0;

  // The blob, read-only; the descriptor keeps it alive. kNotFound.
  virtual Result<base::Fd> Open(std::string_view digest) = 0;

  virtual Result<bool> Exists(std::string_view digest) = 0;

  // With its side files. Removing what is not there is a success.
  virtual Status Remove(std::string_view digest) = 0;

  // Reads the blob and compares its digest: kInternal when it was damaged.
  virtual Status Verify(std::string_view digest) = 0;

  // A side file is derived from a blob, may be replaced, and may be lost: a
  // code cache. `name` has 1 to 100 characters of [A-Za-z0-9._-]. kNotFound
  // when there is no such blob.
  virtual Status PutBeside(std::string_view digest, std::string_view name,
                           std::string_view bytes) = 0;
  virtual Result<base::Fd> OpenBeside(std::string_view digest,
                                      std::string_view name) = 0;
};

}  // namespace caravel::storage
