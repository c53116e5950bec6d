#include "registry/kept_blobs.h"

#include <utility>

#include "registry/account_table.h"
#include "storage/digest.h"

namespace caravel::registry {

Result<KeptBlobs::Stored> KeptBlobs::Put(
    std::span<const std::string_view> blobs, BlobKind kind) {
  Stored stored;
  for (const std::string_view blob : blobs) {
    stored.digests.push_back(storage::Sha256Hex(blob));
  }
  stored.hold = std::make_unique<const storage::DigestClaims::Use>(
      claims_, stored.digests);
  const int64_t now = ToMillis(clock_.Wall());
  CARAVEL_TRY(
      database_.Transact([&](storage::Transaction& transaction) -> Status {
        for (const std::string& digest : stored.digests) {
          CARAVEL_TRY(NoteLoose(transaction, digest, kind, now));
        }
        return {};
      }));
  for (const std::string_view blob : blobs) CARAVEL_TRY(blobs_.Put(blob));
  return stored;
}

KeptBlobs::Hold KeptBlobs::HoldOn(std::string digest) {
  return std::make_unique<const storage::DigestClaims::Use>(
      claims_, std::vector<std::string>{std::move(digest)});
}

}  // namespace caravel::registry
