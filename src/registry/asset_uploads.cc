#include "registry/asset_uploads.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "registry/account_table.h"
#include "registry/loose_blobs.h"
#include "storage/digest.h"

namespace caravel::registry {
namespace {

using storage::Transaction;

// Looked up in one transaction.
constexpr size_t kNamesAtOnce = 500;

int64_t MillisOf(std::chrono::milliseconds span) { return span.count(); }

Error TooManySessions(size_t count) {
  return Error(ErrorCode::kLimit,
               fmt::format("the account has begun {} uploads of assets in the "
                           "last {} hours that have not ended, or ended less "
                           "than {} minutes ago, as many as it may",
                           count, kUploadSessionLife.count(),
                           kEndedSessionStay.count()))
      .Remedy("deploy one of them to its end, or begin this one later");
}

Error ManifestsTooLarge(size_t count, size_t sum, size_t most) {
  return Error(ErrorCode::kLimit,
               fmt::format("the list of files of this upload of assets and of "
                           "the {} that the account has begun in the last {} "
                           "hours and that have not ended, or ended less than "
                           "{} minutes ago, take {} bytes together, and may "
                           "take {}",
                           count, kUploadSessionLife.count(),
                           kEndedSessionStay.count(), sum, most))
      .Remedy(
          "deploy one of them to its end, or begin this one later, or with "
          "fewer files");
}

}  // namespace

Result<std::string> AssetUploads::Begin(const AccountId& account,
                                        std::string_view manifest) {
  std::string session = storage::Sha256Hex(manifest);
  const int64_t now = ToMillis(clock_.Wall());
  CARAVEL_TRY(database_.Transact([&](Transaction& transaction) -> Status {
    CARAVEL_TRY(transaction.Lock(kUploadSessionsLock));
    CARAVEL_TRY(MakeRoom(transaction, account, session, manifest.size()));
    CARAVEL_TRY(transaction.Execute(
        "INSERT INTO upload_sessions "
        "(account, session, manifest, bytes, since, ended) "
        "VALUES (?, ?, ?, ?, ?, 0) "
        "ON CONFLICT (account, session) DO UPDATE SET "
        "since = excluded.since, ended = 0, bytes = excluded.bytes",
        account.value, session, storage::Bytes{std::string(manifest)},
        manifest.size(), now));
    return {};
  }));
  return session;
}

Status AssetUploads::MakeRoom(Transaction& transaction,
                              const AccountId& account,
                              const std::string& session, size_t bytes) const {
  const int64_t now = ToMillis(clock_.Wall());
  // What has expired is not counted: the sweep will come to it. An index has
  // all of these columns: the manifests are not walked.
  CARAVEL_TRY(const auto others,
              transaction.Query(
                  "SELECT session, ended, bytes FROM upload_sessions "
                  "WHERE account = ? AND session <> ? AND since > ? "
                  "ORDER BY since",
                  account.value, session, now - MillisOf(kUploadSessionLife)));
  size_t count = others.size();
  size_t sum = bytes;
  for (const storage::SqlRow& row : others) sum += row.Unsigned(2);
  const int64_t ended_long_ago = now - MillisOf(kEndedSessionStay);
  std::vector<std::string> dropped;
  for (const storage::SqlRow& row : others) {
    if (count < limits_.sessions && sum <= limits_.manifest_bytes) break;
    if (!row.Flag(1) || row.Integer(1) > ended_long_ago) continue;
    dropped.push_back(row.Text(0));
    --count;
    sum -= row.Unsigned(2);
  }
  if (count >= limits_.sessions) return TooManySessions(count);
  if (sum > limits_.manifest_bytes) {
    return ManifestsTooLarge(count, sum, limits_.manifest_bytes);
  }
  // The lists of those have what they brought. They expire, for the sweep to
  // remove: a scan of it (registry/blob_scan.h) may have to look at them yet.
  for (const std::string& ended : dropped) {
    CARAVEL_TRY(
        transaction.Execute("UPDATE upload_sessions SET since = 0 "
                            "WHERE account = ? AND session = ? AND ended <= ?",
                            account.value, ended, ended_long_ago));
  }
  return {};
}

Result<std::string> AssetUploads::Manifest(const AccountId& account,
                                           const std::string& session) {
  const int64_t now = ToMillis(clock_.Wall());
  const int64_t expired = now - MillisOf(kUploadSessionLife);
  CARAVEL_TRY(const auto rows, database_.Read([&](Transaction& transaction) {
    return transaction.Query(
        "SELECT manifest, since FROM upload_sessions "
        "WHERE account = ? AND session = ? AND since > ?",
        account.value, session, expired);
  }));
  bool is_there = !rows.empty();
  if (is_there && rows[0].Integer(1) < now - MillisOf(kUploadSessionLife) / 2) {
    CARAVEL_TRY(
        is_there,
        database_.Transact([&](Transaction& transaction) -> Result<bool> {
          CARAVEL_TRY(const uint64_t changed,
                      transaction.Execute(
                          "UPDATE upload_sessions SET since = ? "
                          "WHERE account = ? AND session = ? AND since > ?",
                          now, account.value, session, expired));
          return changed > 0;
        }));
  }
  if (is_there) return rows[0].Blob(0);
  return Error(ErrorCode::kNotFound, "the upload session has ended")
      .Remedy("begin the upload anew");
}

Status AssetUploads::End(const AccountId& account, const std::string& session) {
  return database_.Transact([&](Transaction& transaction) -> Status {
    CARAVEL_TRY(
        transaction.Execute("UPDATE upload_sessions SET ended = ? "
                            "WHERE account = ? AND session = ?",
                            ToMillis(clock_.Wall()), account.value, session));
    return {};
  });
}

Status AssetUploads::Keep(const AccountId& account,
                          const std::vector<AssetFile>& files) {
  return database_.Transact([&](Transaction& transaction) -> Status {
    for (const AssetFile& file : files) {
      CARAVEL_TRY(const bool inserted,
                  InsertAssetFileIfAbsent(transaction, account, file));
      if (!inserted) continue;
      for (const AssetForm& form : file.forms) {
        if (!form.digest.empty()) {
          CARAVEL_TRY(DropNote(transaction, form.digest, BlobKind::kPlain));
        }
      }
    }
    return {};
  });
}

Result<std::vector<AssetFile>> AssetUploads::Find(
    const AccountId& account, std::span<const std::string> names,
    bool all_or_first) {
  using Some = std::vector<std::optional<AssetFile>>;
  std::vector<AssetFile> found;
  while (!names.empty()) {
    const auto asked = names.first(std::min(names.size(), kNamesAtOnce));
    names = names.subspan(asked.size());
    CARAVEL_TRY(Some files,
                database_.Read([&](Transaction& transaction) -> Result<Some> {
                  Some some;
                  for (const std::string& name : asked) {
                    CARAVEL_TRY(some.emplace_back(),
                                ReadAssetFile(transaction, account, name));
                    if (all_or_first && !some.back()) break;
                  }
                  return some;
                }));
    for (std::optional<AssetFile>& file : files) {
      if (file) {
        found.push_back(*std::move(file));
      } else if (all_or_first) {
        return found;
      }
    }
  }
  return found;
}

}  // namespace caravel::registry
