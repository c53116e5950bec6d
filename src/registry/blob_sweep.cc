// Sessions and lists that are due are taken apart first: what they name may be
// loose then. What is plain is judged by a scan (registry/blob_scan.h). A step
// that is done twice does no harm, so nothing of where the sweep stands is kept
// but the notes themselves.
//
// Tests: blob_sweep_test.cc.
#include "registry/blob_sweep.h"

#include <algorithm>
#include <utility>

#include "base/hex.h"
#include "registry/account_table.h"
#include "registry/asset_manifest.h"
#include "registry/asset_table.h"
#include "registry/asset_uploads.h"

namespace caravel::registry {
namespace {

using storage::Transaction;

int64_t MillisIn(std::chrono::milliseconds span) { return span.count(); }

}  // namespace

BlobSweep::BlobSweep(storage::Database& database, KeptBlobs& kept,
                     const base::Clock& clock, const Options& options)
    : database_(database), kept_(kept), clock_(clock), options_(options) {}

int64_t BlobSweep::Now() const { return ToMillis(clock_.Wall()); }

int64_t BlobSweep::Due() const { return Now() - MillisIn(options_.grace); }

Result<bool> BlobSweep::Step() {
  Result<bool> more = TryStep();
  if (!more) {
    session_.reset();
    list_.reset();
    scan_.reset();
  }
  return more;
}

Result<bool> BlobSweep::TryStep() {
  if (scan_) {
    const uint64_t before = scan_->removed();
    Result<bool> more = scan_->Step();
    removed_ += scan_->removed() - before;
    if (!more) return more;
    if (!*more) scan_.reset();
    return true;
  }
  CARAVEL_TRY(const bool session, TakeSessionApart());
  if (session) return true;
  CARAVEL_TRY(const bool list, TakeListApart());
  if (list) return true;
  return BeginScan();
}

// ---- sessions

Result<bool> BlobSweep::BeginSession() {
  CARAVEL_TRY(const auto rows, database_.Read([&](Transaction& transaction) {
    return transaction.Query(
        "SELECT account, session, ended, manifest FROM upload_sessions "
        "WHERE since <= ? ORDER BY since LIMIT 1",
        Now() - MillisIn(kUploadSessionLife));
  }));
  if (rows.empty()) return false;
  session_.emplace(Session{{rows[0].Text(0)}, rows[0].Text(1), {}});
  if (rows[0].Flag(2)) return true;  // the list has what it brought
  CARAVEL_TRY(const auto manifest,
              base::Decode<AssetManifest>(rows[0].Blob(3)));
  for (const AssetManifest::File& file : manifest.files) {
    session_->names.push_back(file.name);
  }
  return true;
}

Result<bool> BlobSweep::TakeSessionApart() {
  if (!session_) return BeginSession();
  std::vector<std::string>& names = session_->names;
  const size_t some = std::min(names.size(), options_.limits.rows);
  const int64_t due = Due();
  CARAVEL_TRY(database_.Transact([&](Transaction& transaction) -> Status {
    for (size_t i = names.size() - some; i < names.size(); ++i) {
      CARAVEL_TRY(const auto file,
                  ReadAssetFile(transaction, session_->account, names[i]));
      if (!file) continue;
      for (const AssetForm& form : file->forms) {
        if (form.digest.empty()) continue;
        CARAVEL_TRY(NoteLoose(transaction, form.digest, BlobKind::kPlain, due));
      }
    }
    if (some < names.size()) return {};
    // One that was begun anew meanwhile stays.
    CARAVEL_TRY(
        transaction.Execute("DELETE FROM upload_sessions "
                            "WHERE account = ? AND session = ? AND since <= ?",
                            session_->account.value, session_->session,
                            Now() - MillisIn(kUploadSessionLife)));
    return {};
  }));
  names.resize(names.size() - some);
  if (names.empty()) session_.reset();
  return true;
}

// ---- lists

Result<bool> BlobSweep::BeginList() {
  CARAVEL_TRY(const auto rows, database_.Read([&](Transaction& transaction) {
    return transaction.Query(
        "SELECT digest FROM loose_blobs WHERE is_list = 1 AND since <= ? "
        "ORDER BY since LIMIT 1",
        Due());
  }));
  if (rows.empty()) return false;
  const std::string digest = rows[0].Text(0);
  CARAVEL_TRY(const uint64_t needed,
              database_.Transact([&](Transaction& transaction) {
                return transaction.Execute(
                    "DELETE FROM loose_blobs WHERE digest = ? AND EXISTS "
                    "(SELECT 1 FROM versions WHERE assets_digest = ?)",
                    digest, digest);
              }));
  if (needed > 0) return true;
  list_.emplace(List{digest, std::nullopt, 0});
  Result<base::Fd> file = kept_.blobs().Open(digest);
  if (!file && file.error().code() != ErrorCode::kNotFound) {
    return std::move(file).error();
  }
  if (!file) return true;
  Result<AssetList> list = AssetList::Map(*file);
  if (list) list_->list.emplace(std::move(*list));
  return true;
}

Result<bool> BlobSweep::TakeListApart() {
  if (!list_) return BeginList();
  const uint32_t size = list_->list ? list_->list->size() : 0;
  const uint32_t end =
      list_->next + static_cast<uint32_t>(std::min<size_t>(
                        size - list_->next, options_.limits.rows));
  const int64_t due = Due();
  CARAVEL_TRY(database_.Transact([&](Transaction& transaction) -> Status {
    for (uint32_t i = list_->next; i < end; ++i) {
      const AssetList::View view = list_->list->At(i);
      for (size_t form = 0; form < kAssetCodings; ++form) {
        if (!view.has[form]) continue;
        CARAVEL_TRY(NoteLoose(transaction, base::ToHex(view.digests[form]),
                              BlobKind::kPlain, due));
      }
    }
    return {};
  }));
  list_->next = end;
  if (end < size) return true;
  CARAVEL_TRY(EndList());
  list_.reset();
  return true;
}

Status BlobSweep::EndList() {
  const storage::DigestClaims::Removal removal(kept_.claims(), list_->digest);
  return database_.Transact([&](Transaction& transaction) -> Status {
    if (removal.may()) {
      CARAVEL_TRY(transaction.Execute(
          "UPDATE loose_blobs SET is_list = 0 WHERE digest = ? AND since <= ?",
          list_->digest, Due()));
    } else {
      // An upload that takes long is about to publish it.
      CARAVEL_TRY(transaction.Execute(
          "UPDATE loose_blobs SET since = ? WHERE digest = ?", Now(),
          list_->digest));
    }
    return {};
  });
}

// ---- the rest

Result<bool> BlobSweep::BeginScan() {
  const int64_t due = Due();
  using Rows = std::vector<storage::SqlRow>;
  uint64_t noted = 0;
  CARAVEL_TRY(
      const Rows rows,
      database_.Read([&](Transaction& transaction) -> Result<Rows> {
        CARAVEL_TRY(const auto count,
                    transaction.Query(
                        "SELECT CAST(COUNT(*) AS INTEGER) FROM loose_blobs"));
        noted = count[0].Unsigned(0);
        return transaction.Query(
            "SELECT digest FROM loose_blobs WHERE is_list = 0 AND since <= ? "
            "LIMIT ?",
            due, options_.candidates);
      }));
  loose_ = noted;
  if (rows.empty()) return false;
  std::vector<std::string> digests;
  for (const storage::SqlRow& row : rows) digests.push_back(row.Text(0));
  scan_.emplace(database_, kept_, clock_, options_.limits, due, digests);
  return true;
}

}  // namespace caravel::registry
