#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/lifetime.h"
#include "registry/loose_blobs.h"
#include "storage/blobs.h"
#include "storage/database.h"
#include "storage/digest_claims.h"

namespace caravel::registry {

// Stores blobs that something is about to refer to, so that none is lost to the
// sweep before, and none stays for ever should nothing come to do so.
//
// Threads: any, several at once; calls block.
class KeptBlobs {
 public:
  // While it lives the sweep removes none of its blobs.
  using Hold = std::unique_ptr<const storage::DigestClaims::Use>;
  struct Stored {
    std::vector<std::string> digests;  // in the order of the blobs
    Hold hold;
  };

  // All outlive this; the registry's tables are in `database`.
  KeptBlobs(storage::Database& database, storage::Blobs& blobs,
            const base::Clock& clock)
      : database_(database), blobs_(blobs), clock_(clock) {}

  // On disk when it returns a value.
  Result<Stored> Put(std::span<const std::string_view> blobs, BlobKind kind);

  // Of a blob that something refers to still.
  Hold HoldOn(std::string digest);

  storage::Blobs& blobs() CARAVEL_LIFETIME_BOUND { return blobs_; }
  storage::DigestClaims& claims() CARAVEL_LIFETIME_BOUND { return claims_; }

 private:
  storage::Database& database_;
  storage::Blobs& blobs_;
  const base::Clock& clock_;
  storage::DigestClaims claims_;
};

}  // namespace caravel::registry
