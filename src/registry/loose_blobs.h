#pragma once

#include <cstdint>
#include <string_view>

#include "registry/published.h"
#include "storage/database.h"

// Notes of blobs that nothing may refer to, within a transaction. One is made
// before a blob is stored, and when something lets go of it; it goes with the
// first version or asset file that refers to the blob. So a blob without a note
// is referred to, whatever has failed, and what is behind a note that has grown
// old is for registry/blob_sweep.h to find out.
namespace caravel::registry {

enum class BlobKind : uint8_t {
  kPlain,      // refers to no other
  kAssetList,  // refers to contents of assets
};

// `since`: milliseconds since the epoch. Of two notes of one blob the later
// time counts, and that it is a list.
Status NoteLoose(storage::Transaction& transaction, std::string_view digest,
                 BlobKind kind, int64_t since);

// All blobs of the Worker's versions, which are about to be deleted.
Status NoteVersionsLoose(storage::Transaction& transaction,
                         const WorkerId& worker, int64_t since);

// Something refers to the blob as one of that kind. A note that it is a list
// stays, unless that is what it is needed as: what the list names, though
// nothing refers to the list, is still to be found out about.
Status DropNote(storage::Transaction& transaction, std::string_view digest,
                BlobKind kind);

}  // namespace caravel::registry
