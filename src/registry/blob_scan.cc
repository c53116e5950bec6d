// Mark and sweep, for a bounded number of candidates. What refers to contents
// of assets are the lists of versions, files that have no table of who has
// them: all lists are looked at, and what candidates they name is needed. So is
// what an upload session keeps.
//
// Things change meanwhile, in ways that are each accounted for:
// - A list that comes to be is made of what a session keeps. Sessions that have
//   begun since are found in the transaction that removes files, and looked at
//   first. Who begins one later finds those files no more, and uploads them.
// - The list of a session that has ended may have come to be behind the scan's
//   look at the lists. So nobody removes a session but the sweep, which does
//   not while a scan is under way, and who removes the account with all its
//   files, once it has no versions any more.
// - Who uploads a content holds its blob (KeptBlobs) and notes it anew, or
//   drops the note once it has a file: without a note that is due, nothing is
//   removed.
// - A version that is published has a bundle and a list that its upload holds,
//   and that transaction looks for it.
// - A list that goes is noted, and its contents after it.
// Whatever of this fails, a note stays, and a later scan begins with it.
#include "registry/blob_scan.h"

#include <algorithm>
#include <list>

#include "base/hex.h"
#include "registry/account_table.h"
#include "registry/asset_manifest.h"
#include "registry/asset_uploads.h"

namespace caravel::registry {
namespace {

using storage::Transaction;

constexpr size_t kListsAtOnce = 200;

}  // namespace

BlobScan::BlobScan(storage::Database& database, KeptBlobs& kept,
                   const base::Clock& clock, const Limits& limits, int64_t due,
                   const std::vector<std::string>& digests)
    : database_(database),
      kept_(kept),
      clock_(clock),
      limits_(limits),
      due_(due) {
  for (const std::string& digest : digests) {
    if (auto bytes = base::FromHex(digest)) {
      candidates_.emplace(*std::move(bytes), Candidate());
    }
  }
}

void BlobScan::Mark(std::string_view digest_bytes, Need need) {
  const auto found = candidates_.find(digest_bytes);
  if (found == candidates_.end()) return;
  found->second.need = std::max(found->second.need, need);
}

BlobScan::Candidate* BlobScan::Find(std::string_view digest) {
  const auto bytes = base::FromHex(digest);
  if (!bytes) return nullptr;
  const auto found = candidates_.find(*bytes);
  return found == candidates_.end() ? nullptr : &found->second;
}

Result<bool> BlobScan::Step() {
  switch (phase_) {
    case Phase::kLists:
      CARAVEL_TRY(LookAtList());
      break;
    case Phase::kSessions:
      CARAVEL_TRY(LookAtSession());
      break;
    case Phase::kFiles:
      CARAVEL_TRY(LookAtFiles());
      break;
    case Phase::kSettle:
      CARAVEL_TRY(Settle());
      break;
    case Phase::kRemove:
      CARAVEL_TRY(RemoveSome());
      break;
    case Phase::kDone:
      break;
  }
  return phase_ != Phase::kDone;
}

// ---- who needs what

Status BlobScan::NextLists() {
  CARAVEL_TRY(const auto rows, database_.Read([&](Transaction& transaction) {
    return transaction.Query(
        "SELECT assets_digest, CAST(1 AS INTEGER) FROM versions "
        "WHERE assets_digest > ? UNION "
        "SELECT digest, CAST(0 AS INTEGER) FROM loose_blobs "
        "WHERE is_list = 1 AND digest > ? ORDER BY 1, 2 DESC LIMIT ?",
        last_list_, last_list_, kListsAtOnce);
  }));
  for (const storage::SqlRow& row : rows) {
    last_list_ = row.Text(0);
    lists_.emplace_back(last_list_, row.Flag(1));
  }
  if (!lists_.empty()) return {};
  phase_ = Phase::kSessions;
  return NextSessions();
}

Status BlobScan::LookAtList() {
  if (lists_.empty()) return NextLists();
  const auto [digest, is_needed] = lists_.front();
  auto file = kept_.blobs().Open(digest);
  // One that is about to be stored is made of what its session keeps.
  if (!file && file.error().code() == ErrorCode::kNotFound && !is_needed) {
    lists_.pop_front();
    return {};
  }
  if (!file) return std::move(file).error();
  Result<AssetList> list = AssetList::Map(*file);
  if (!list) {
    return std::move(list).error().In(fmt::format("look into {}", digest));
  }
  for (uint32_t i = 0; i < list->size(); ++i) {
    const AssetList::View view = list->At(i);
    for (size_t form = 0; form < kAssetCodings; ++form) {
      if (view.has[form]) Mark(view.digests[form], Need::kList);
    }
  }
  lists_.pop_front();
  return {};
}

Status BlobScan::NextSessions() {
  CARAVEL_TRY(const auto rows, database_.Read([&](Transaction& transaction) {
    return transaction.Query("SELECT account, session FROM upload_sessions");
  }));
  for (const storage::SqlRow& row : rows) {
    SessionKey key(row.Text(0), row.Text(1));
    if (known_sessions_.insert(key).second) sessions_.push_back(key);
  }
  return {};
}

Status BlobScan::LookAtSession() {
  if (sessions_.empty()) {
    phase_ = files_done_ ? Phase::kSettle : Phase::kFiles;
    return {};
  }
  const auto& [account, session] = sessions_.front();
  if (!std::exchange(names_read_, true)) {
    CARAVEL_TRY(const auto rows, database_.Read([&](Transaction& transaction) {
      return transaction.Query(
          "SELECT manifest FROM upload_sessions "
          "WHERE account = ? AND session = ?",
          account, session);
    }));
    if (!rows.empty()) {
      CARAVEL_TRY(const auto manifest,
                  base::Decode<AssetManifest>(rows[0].Blob(0)));
      for (const AssetManifest::File& file : manifest.files) {
        names_.push_back(file.name);
      }
    }
    return {};
  }
  const size_t some = std::min(names_.size(), limits_.rows);
  const AccountId owner{account};
  CARAVEL_TRY(database_.Read([&](Transaction& transaction) -> Status {
    for (size_t i = names_.size() - some; i < names_.size(); ++i) {
      CARAVEL_TRY(const auto file,
                  ReadAssetFile(transaction, owner, names_[i]));
      if (!file) continue;
      for (const AssetForm& form : file->forms) {
        Candidate* candidate = Find(form.digest);
        if (candidate == nullptr) continue;
        candidate->need = std::max(candidate->need, Need::kSession);
      }
    }
    return {};
  }));
  names_.resize(names_.size() - some);
  if (!names_.empty()) return {};
  names_read_ = false;
  sessions_.pop_front();
  return {};
}

Status BlobScan::LookAtFiles() {
  CARAVEL_TRY(const auto files, database_.Read([&](Transaction& transaction) {
    return ReadAssetFilesAfter(transaction, last_file_, limits_.rows);
  }));
  for (const auto& [key, forms] : files) {
    last_file_ = key;
    for (const AssetForm& form : forms) {
      Candidate* candidate = Find(form.digest);
      if (candidate != nullptr) candidate->files.push_back(key);
    }
  }
  if (files.size() == limits_.rows) return {};
  files_done_ = true;
  phase_ = Phase::kSettle;
  return {};
}

// ---- what comes of it

Status BlobScan::Settle() {
  if (to_settle_.empty()) {
    for (const auto& [bytes, candidate] : candidates_) {
      if (candidate.need != Need::kNone && !candidate.settled) {
        to_settle_.push_back(base::ToHex(bytes));
      }
    }
  }
  const size_t some = std::min(to_settle_.size(), limits_.rows);
  const size_t first = to_settle_.size() - some;
  const int64_t now = ToMillis(clock_.Wall());
  CARAVEL_TRY(database_.Transact([&](Transaction& transaction) -> Status {
    for (size_t i = first; i < to_settle_.size(); ++i) {
      const std::string& digest = to_settle_[i];
      if (Find(digest)->need == Need::kList) {
        CARAVEL_TRY(transaction.Execute(
            "DELETE FROM loose_blobs "
            "WHERE digest = ? AND is_list = 0 AND since <= ?",
            digest, due_));
      } else {
        // The session may end without a list.
        CARAVEL_TRY(transaction.Execute(
            "UPDATE loose_blobs SET since = ? WHERE digest = ? AND since <= ?",
            now, digest, due_));
      }
    }
    return {};
  }));
  for (size_t i = first; i < to_settle_.size(); ++i) {
    Find(to_settle_[i])->settled = true;
  }
  to_settle_.resize(first);
  if (!to_settle_.empty()) return {};
  to_remove_.clear();
  for (const auto& [bytes, candidate] : candidates_) {
    if (candidate.need == Need::kNone && !candidate.settled) {
      to_remove_.push_back(base::ToHex(bytes));
    }
  }
  phase_ = to_remove_.empty() ? Phase::kDone : Phase::kRemove;
  return {};
}

Status BlobScan::RemoveSome() {
  const size_t some = std::min(to_remove_.size(), limits_.blobs);
  std::list<storage::DigestClaims::Removal> removals;
  std::vector<std::string> free;
  std::vector<std::string> held;
  for (size_t i = to_remove_.size() - some; i < to_remove_.size(); ++i) {
    const bool may = removals.emplace_back(kept_.claims(), to_remove_[i]).may();
    (may ? free : held).push_back(to_remove_[i]);
  }
  CARAVEL_TRY(Removed removed,
              database_.Transact([&](Transaction& transaction) {
                return Forget(transaction, free, held);
              }));
  if (!removed.new_sessions.empty()) {
    for (SessionKey& key : removed.new_sessions) {
      known_sessions_.insert(key);
      sessions_.push_back(std::move(key));
    }
    phase_ = Phase::kSessions;
    return {};
  }
  for (const std::string& digest : removed.gone) {
    CARAVEL_TRY(kept_.blobs().Remove(digest));
    ++removed_;
  }
  CARAVEL_TRY(database_.Transact([&](Transaction& transaction) -> Status {
    for (const std::string& digest : removed.gone) {
      CARAVEL_TRY(transaction.Execute(
          "DELETE FROM loose_blobs WHERE digest = ? AND since <= ?", digest,
          due_));
    }
    return {};
  }));
  for (size_t i = to_remove_.size() - some; i < to_remove_.size(); ++i) {
    Find(to_remove_[i])->settled = true;
  }
  to_remove_.resize(to_remove_.size() - some);
  if (to_remove_.empty()) phase_ = Phase::kDone;
  return {};
}

Result<BlobScan::Removed> BlobScan::Forget(
    Transaction& transaction, const std::vector<std::string>& free,
    const std::vector<std::string>& held) {
  Removed removed;
  CARAVEL_TRY(transaction.Lock(kUploadSessionsLock));
  CARAVEL_TRY(const auto sessions, transaction.Query("SELECT account, session "
                                                     "FROM upload_sessions"));
  for (const storage::SqlRow& row : sessions) {
    SessionKey key(row.Text(0), row.Text(1));
    if (!known_sessions_.contains(key)) {
      removed.new_sessions.push_back(std::move(key));
    }
  }
  if (!removed.new_sessions.empty()) return removed;
  for (const std::string& digest : free) {
    CARAVEL_TRY(const bool forgotten, ForgetOne(transaction, digest));
    if (forgotten) removed.gone.push_back(digest);
  }
  for (const std::string& digest : held) {
    CARAVEL_TRY(transaction.Execute(
        "UPDATE loose_blobs SET since = ? WHERE digest = ? AND since <= ?",
        ToMillis(clock_.Wall()), digest, due_));
  }
  return removed;
}

Result<bool> BlobScan::ForgetOne(Transaction& transaction,
                                 const std::string& digest) {
  CARAVEL_TRY(
      const auto noted,
      transaction.Query("SELECT 1 FROM loose_blobs "
                        "WHERE digest = ? AND is_list = 0 AND since <= ?",
                        digest, due_));
  if (noted.empty()) return false;
  CARAVEL_TRY(const auto versions,
              transaction.Query("SELECT 1 FROM versions "
                                "WHERE bundle_digest = ? OR assets_digest = ? "
                                "LIMIT 1",
                                digest, digest));
  if (!versions.empty()) {
    CARAVEL_TRY(DropNote(transaction, digest, BlobKind::kPlain));
    return false;
  }
  for (const AssetFileKey& key : Find(digest)->files) {
    CARAVEL_TRY(const auto file,
                ReadAssetFile(transaction, key.account, key.name));
    const auto has_it = [&](const AssetForm& form) {
      return form.digest == digest;
    };
    if (!file || !std::ranges::any_of(file->forms, has_it)) continue;
    CARAVEL_TRY(DeleteAssetFile(transaction, key.account, key.name));
  }
  return true;
}

}  // namespace caravel::registry
