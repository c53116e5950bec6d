#include "registry/loose_blobs.h"

namespace caravel::registry {
namespace {

// Stands for ON CONFLICT on both engines.
#define CARAVEL_KEEP_LATER_NOTE                                 \
  " ON CONFLICT (digest) DO UPDATE SET "                        \
  "is_list = CASE WHEN excluded.is_list > loose_blobs.is_list " \
  "THEN excluded.is_list ELSE loose_blobs.is_list END, "        \
  "since = CASE WHEN excluded.since > loose_blobs.since "       \
  "THEN excluded.since ELSE loose_blobs.since END"

}  // namespace

Status NoteLoose(storage::Transaction& transaction, std::string_view digest,
                 BlobKind kind, int64_t since) {
  CARAVEL_TRY(
      transaction.Execute("INSERT INTO loose_blobs (digest, is_list, since) "
                          "VALUES (?, ?, ?)" CARAVEL_KEEP_LATER_NOTE,
                          digest, kind == BlobKind::kAssetList, since));
  return {};
}

Status NoteVersionsLoose(storage::Transaction& transaction,
                         const WorkerId& worker, int64_t since) {
  CARAVEL_TRY(transaction.Execute(
      "INSERT INTO loose_blobs (digest, is_list, since) "
      "SELECT DISTINCT bundle_digest, 0, CAST(? AS INTEGER) FROM versions "
      "WHERE worker = ? AND bundle_digest <> ''" CARAVEL_KEEP_LATER_NOTE,
      since, worker.value));
  CARAVEL_TRY(transaction.Execute(
      "INSERT INTO loose_blobs (digest, is_list, since) "
      "SELECT DISTINCT assets_digest, 1, CAST(? AS INTEGER) FROM versions "
      "WHERE worker = ? AND assets_digest <> ''" CARAVEL_KEEP_LATER_NOTE,
      since, worker.value));
  return {};
}

#undef CARAVEL_KEEP_LATER_NOTE

Status DropNote(storage::Transaction& transaction, std::string_view digest,
                BlobKind kind) {
  CARAVEL_TRY(transaction.Execute(
      "DELETE FROM loose_blobs WHERE digest = ? AND is_list <= ?", digest,
      kind == BlobKind::kAssetList));
  return {};
}

}  // namespace caravel::registry
