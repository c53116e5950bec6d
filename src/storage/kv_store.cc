// Which blobs may go: every digest that was ever written is noted in kv_loose
// before its blob is stored, and again when an entry lets go of it. Sweep()
// looks at those notes after a while, and removes a blob that no entry refers
// to. So neither a crash between blob and entry nor a rollback leaves a blob
// that nobody will remove.
//
// Keys are BLOB: their order is that of their bytes on both engines, and they
// may have NUL in them.
//
// Tests: kv_store_contract.h.
#include "storage/kv_store.h"

#include <algorithm>
#include <utility>

#include "storage/digest.h"
#include "storage/kv_limits.h"
#include "storage/migrations.h"

namespace caravel::storage {
namespace {

constexpr Migration kKvMigrations[] = {
    {.name = "kv", .sql = R"(
CREATE TABLE kv_entries (
  space TEXT NOT NULL,
  key BLOB NOT NULL,
  expires INTEGER,
  metadata BLOB,
  size INTEGER NOT NULL,
  digest TEXT,
  value BLOB,
  PRIMARY KEY (space, key)
);
CREATE INDEX kv_entries_by_end ON kv_entries (expires)
  WHERE expires IS NOT NULL;
CREATE INDEX kv_entries_by_digest ON kv_entries (digest)
  WHERE digest IS NOT NULL;
CREATE TABLE kv_loose (
  digest TEXT PRIMARY KEY NOT NULL,
  since INTEGER NOT NULL
);
CREATE TABLE kv_dropped (
  space TEXT PRIMARY KEY NOT NULL,
  swept INTEGER NOT NULL
)
)"},
};

Bytes ToBytes(std::string_view text) { return {std::string(text)}; }

SqlValue BytesOrNull(const std::optional<std::string>& text) {
  return text ? SqlValue(Bytes{*text}) : SqlValue();
}

std::optional<std::string> OptionalBytes(const SqlRow& row, size_t column) {
  if (row.IsNull(column)) return std::nullopt;
  return row.Blob(column);
}

std::optional<int64_t> OptionalInteger(const SqlRow& row, size_t column) {
  if (row.IsNull(column)) return std::nullopt;
  return row.Integer(column);
}

// The first text behind all that begin with `prefix`; nothing: there is none.
std::optional<std::string> EndOf(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && end.back() == '\xFF') end.pop_back();
  if (end.empty()) return std::nullopt;
  end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

Result<bool> IsDropped(Transaction& transaction, std::string_view space) {
  CARAVEL_TRY(
      const auto rows,
      transaction.Query("SELECT 1 FROM kv_dropped WHERE space = ?", space));
  return !rows.empty();
}

// That an entry may have let go of the blob.
Status NoteLoose(Transaction& transaction, std::string_view digest,
                 int64_t now) {
  CARAVEL_TRY(transaction.Execute(
      "INSERT INTO kv_loose (digest, since) VALUES (?, ?) "
      "ON CONFLICT (digest) DO UPDATE SET since = excluded.since",
      digest, now));
  return {};
}

// Removes the entry as it stands, and notes its blob.
Status Remove(Transaction& transaction, std::string_view space,
              std::string_view key, int64_t now) {
  CARAVEL_TRY(const auto rows,
              transaction.Query("DELETE FROM kv_entries "
                                "WHERE space = ? AND key = ? RETURNING digest",
                                space, ToBytes(key)));
  for (const SqlRow& row : rows) {
    if (!row.IsNull(0)) {
      CARAVEL_TRY(NoteLoose(transaction, row.Text(0), now));
    }
  }
  return {};
}

Status Put(Transaction& transaction, const KvWrite& write,
           const std::string& digest, int64_t now) {
  const Bytes key = ToBytes(write.key);
  CARAVEL_TRY(const auto rows,
              transaction.Query("SELECT digest FROM kv_entries "
                                "WHERE space = ? AND key = ?",
                                write.space, key));
  if (!rows.empty() && !rows[0].IsNull(0) && rows[0].Text(0) != digest) {
    CARAVEL_TRY(NoteLoose(transaction, rows[0].Text(0), now));
  }
  const bool large = !digest.empty();
  CARAVEL_TRY(transaction.Execute(
      "INSERT INTO kv_entries "
      "(space, key, expires, metadata, size, digest, value) "
      "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (space, key) DO UPDATE SET "
      "expires = excluded.expires, metadata = excluded.metadata, "
      "size = excluded.size, digest = excluded.digest, value = excluded.value",
      write.space, key, write.content->expiration,
      BytesOrNull(write.content->metadata), write.content->value.size(),
      large ? SqlValue(digest) : SqlValue(),
      large ? SqlValue() : SqlValue(ToBytes(write.content->value))));
  return {};
}

bool IsLarge(const KvWrite& write) {
  return write.content && write.content->value.size() > kKvInlineBytes;
}

}  // namespace

Result<std::string> KvValue::Whole() const {
  if (!file.valid()) return bytes;
  CARAVEL_TRY(std::string whole, base::ReadWholeFile(file, kKvValueBytes));
  if (whole.size() == size) return whole;
  return Error(
             ErrorCode::kInternal,
             fmt::format("blob {}, the value of an entry of KV, has {} of its "
                         "{} bytes",
                         digest, whole.size(), size))
      .Remedy("restore it from a backup");
}

Result<std::unique_ptr<KvStore>> KvStore::Open(Database& database,
                                               Database& reads, Blobs& blobs,
                                               const base::Clock& clock,
                                               Options options) {
  CARAVEL_TRY(Migrate(database, "kv", kKvMigrations));
  return std::unique_ptr<KvStore>(
      new KvStore(database, reads, blobs, clock, options));
}

int64_t KvStore::Now() const {
  return std::chrono::duration_cast<std::chrono::seconds>(
             clock_.Wall().time_since_epoch())
      .count();
}

Result<std::optional<KvFound>> KvStore::Get(std::string_view space,
                                            std::string_view key) {
  const std::string only(key);
  CARAVEL_TRY(auto found, GetMany(space, std::span(&only, 1)));
  return std::move(found[0]);
}

Result<std::vector<std::optional<KvFound>>> KvStore::GetMany(
    std::string_view space, std::span<const std::string> keys) {
  auto found = ReadMany(space, keys);
  // A blob that was read of may have been removed before it was opened, though
  // only after a minute: the entry has another then.
  if (!found && found.error().code() == ErrorCode::kNotFound) {
    found = ReadMany(space, keys);
  }
  if (!found && found.error().code() == ErrorCode::kNotFound) {
    return Error(ErrorCode::kInternal, found.error().message())
        .In("read the value of an entry of KV")
        .Remedy("restore it from a backup");
  }
  return found;
}

Result<std::vector<std::optional<KvFound>>> KvStore::ReadMany(
    std::string_view space, std::span<const std::string> keys) {
  const int64_t now = Now();
  using Rows = std::vector<std::optional<KvFound>>;
  CARAVEL_TRY(
      Rows read, reads_.Read([&](Transaction& transaction) -> Result<Rows> {
        Rows all(keys.size());
        CARAVEL_TRY(const bool dropped, IsDropped(transaction, space));
        if (dropped) return all;
        for (size_t i = 0; i < keys.size(); ++i) {
          CARAVEL_TRY(const auto rows,
                      transaction.Query(
                          "SELECT value, metadata, expires, digest, size FROM "
                          "kv_entries WHERE space = ? AND key = ? "
                          "AND (expires IS NULL OR expires > ?)",
                          space, ToBytes(keys[i]), now));
          if (rows.empty()) continue;
          KvFound& found = all[i].emplace();
          if (!rows[0].IsNull(0)) found.value.bytes = rows[0].Blob(0);
          found.value.size = rows[0].Unsigned(4);
          found.metadata = OptionalBytes(rows[0], 1);
          found.expiration = OptionalInteger(rows[0], 2);
          if (!rows[0].IsNull(3)) found.value.digest = rows[0].Text(3);
        }
        return all;
      }));
  for (std::optional<KvFound>& found : read) {
    if (!found || found->value.digest.empty()) continue;
    CARAVEL_TRY(found->value.file, blobs_.Open(found->value.digest));
  }
  return read;
}

Result<std::optional<KvListedKey>> KvStore::GetMetadata(std::string_view space,
                                                        std::string_view key) {
  using Found = std::optional<KvListedKey>;
  const int64_t now = Now();
  return reads_.Read([&](Transaction& transaction) -> Result<Found> {
    CARAVEL_TRY(const bool dropped, IsDropped(transaction, space));
    if (dropped) return Found();
    CARAVEL_TRY(const auto rows,
                transaction.Query("SELECT metadata, expires FROM kv_entries "
                                  "WHERE space = ? AND key = ? "
                                  "AND (expires IS NULL OR expires > ?)",
                                  space, ToBytes(key), now));
    if (rows.empty()) return Found();
    return Found(KvListedKey{.key = std::string(key),
                             .metadata = OptionalBytes(rows[0], 0),
                             .expiration = OptionalInteger(rows[0], 1)});
  });
}

Status KvStore::StoreLarge(std::span<const KvWrite> writes,
                           const std::vector<std::string>& digests) {
  const int64_t now = Now();
  CARAVEL_TRY(database_.Transact([&](Transaction& transaction) -> Status {
    for (const std::string& digest : digests) {
      if (digest.empty()) continue;
      CARAVEL_TRY(NoteLoose(transaction, digest, now));
    }
    return {};
  }));
  for (size_t i = 0; i < writes.size(); ++i) {
    if (digests[i].empty()) continue;
    CARAVEL_TRY(blobs_.Put(writes[i].content->value));
  }
  return {};
}

Result<std::vector<bool>> KvStore::Write(std::span<const KvWrite> writes) {
  std::vector<std::string> digests(writes.size());  // empty: the value is small
  std::vector<std::string> used;
  for (size_t i = 0; i < writes.size(); ++i) {
    if (!IsLarge(writes[i])) continue;
    digests[i] = Sha256Hex(writes[i].content->value);
    used.push_back(digests[i]);
  }
  if (used.empty()) return WriteRows(writes, digests);
  const DigestClaims::Use use(claims_, std::move(used));
  CARAVEL_TRY(StoreLarge(writes, digests));
  return WriteRows(writes, digests);
}

Result<std::vector<bool>> KvStore::WriteRows(
    std::span<const KvWrite> writes, const std::vector<std::string>& digests) {
  const int64_t now = Now();
  using Done = std::vector<bool>;
  return database_.Transact([&](Transaction& transaction) -> Result<Done> {
    Done done(writes.size());
    for (size_t i = 0; i < writes.size(); ++i) {
      const KvWrite& write = writes[i];
      CARAVEL_TRY(const bool dropped, IsDropped(transaction, write.space));
      if (dropped) continue;
      done[i] = true;
      if (write.content) {
        CARAVEL_TRY(Put(transaction, write, digests[i], now));
      } else {
        CARAVEL_TRY(Remove(transaction, write.space, write.key, now));
      }
    }
    return done;
  });
}

Result<KvListing> KvStore::List(std::string_view space, std::string_view prefix,
                                const std::optional<std::string>& after,
                                size_t limit) {
  const bool behind = after && *after >= prefix;
  const std::string_view start = behind ? std::string_view(*after) : prefix;
  const std::optional<std::string> end = EndOf(prefix);
  const int64_t now = Now();
  const std::string sql = fmt::format(
      "SELECT key, metadata, expires FROM kv_entries WHERE space = ? "
      "AND key {} ? {} AND (expires IS NULL OR expires > ?) "
      "ORDER BY key LIMIT ?",
      behind ? ">" : ">=", end ? "AND key < ?" : "");
  return reads_.Read([&](Transaction& transaction) -> Result<KvListing> {
    KvListing listing;
    CARAVEL_TRY(const bool dropped, IsDropped(transaction, space));
    if (dropped) return listing;
    CARAVEL_TRY(
        const auto rows,
        end ? transaction.Query(sql, space, ToBytes(start), ToBytes(*end), now,
                                limit + 1)
            : transaction.Query(sql, space, ToBytes(start), now, limit + 1));
    listing.complete = rows.size() <= limit;
    for (size_t i = 0; i < std::min(rows.size(), limit); ++i) {
      listing.keys.push_back({.key = rows[i].Blob(0),
                              .metadata = OptionalBytes(rows[i], 1),
                              .expiration = OptionalInteger(rows[i], 2)});
    }
    return listing;
  });
}

Status KvStore::Drop(Transaction& transaction, std::string_view space) {
  CARAVEL_TRY(
      transaction.Execute("INSERT INTO kv_dropped (space, swept) VALUES (?, 0) "
                          "ON CONFLICT (space) DO NOTHING",
                          space));
  return {};
}

Result<bool> KvStore::Sweep() {
  CARAVEL_TRY(const bool expired, SweepExpired());
  CARAVEL_TRY(const bool dropped, SweepDropped());
  CARAVEL_TRY(const bool blobs, SweepBlobs());
  return expired || dropped || blobs;
}

Result<bool> KvStore::SweepExpired() {
  const int64_t now = Now();
  return database_.Transact([&](Transaction& transaction) -> Result<bool> {
    CARAVEL_TRY(const auto rows,
                transaction.Query("SELECT space, key FROM kv_entries "
                                  "WHERE expires <= ? ORDER BY expires LIMIT ?",
                                  now, options_.sweep_rows));
    for (const SqlRow& row : rows) {
      // An engine that lets others write meanwhile may have a newer entry.
      CARAVEL_TRY(
          const auto removed,
          transaction.Query("DELETE FROM kv_entries WHERE space = ? "
                            "AND key = ? AND expires <= ? RETURNING digest",
                            row.Text(0), Bytes{row.Blob(1)}, now));
      if (!removed.empty() && !removed[0].IsNull(0)) {
        CARAVEL_TRY(NoteLoose(transaction, removed[0].Text(0), now));
      }
    }
    return rows.size() == options_.sweep_rows;
  });
}

Result<bool> KvStore::SweepDropped() {
  const int64_t now = Now();
  return database_.Transact([&](Transaction& transaction) -> Result<bool> {
    CARAVEL_TRY(const auto spaces,
                transaction.Query("SELECT space FROM kv_dropped "
                                  "WHERE swept = 0 LIMIT 1"));
    if (spaces.empty()) return false;
    const std::string& space = spaces[0].Text(0);
    CARAVEL_TRY(
        const auto rows,
        transaction.Query("SELECT key FROM kv_entries WHERE space = ? LIMIT ?",
                          space, options_.sweep_rows));
    for (const SqlRow& row : rows) {
      CARAVEL_TRY(Remove(transaction, space, row.Blob(0), now));
    }
    if (rows.empty()) {
      CARAVEL_TRY(transaction.Execute(
          "UPDATE kv_dropped SET swept = 1 WHERE space = ?", space));
    }
    return true;
  });
}

Result<bool> KvStore::SweepBlobs() {
  const int64_t now = Now();
  const int64_t before = now - options_.grace.count();
  for (size_t i = 0; i < options_.sweep_blobs; ++i) {
    CARAVEL_TRY(const auto loose, database_.Read([&](Transaction& transaction) {
      return transaction.Query(
          "SELECT digest FROM kv_loose "
          "WHERE since <= ? LIMIT 1",
          before);
    }));
    if (loose.empty()) return false;
    const std::string& digest = loose[0].Text(0);
    const DigestClaims::Removal removal(claims_, digest);
    CARAVEL_TRY(RemoveLoose(digest, removal.may(), now));
  }
  return true;
}

Status KvStore::RemoveLoose(const std::string& digest, bool may, int64_t now) {
  const int64_t before = now - options_.grace.count();
  if (!may) {
    // A put of it takes long: it is looked at again later.
    return database_.Transact([&](Transaction& transaction) -> Status {
      CARAVEL_TRY(transaction.Execute(
          "UPDATE kv_loose SET since = ? WHERE digest = ? AND since <= ?", now,
          digest, before));
      return {};
    });
  }
  CARAVEL_TRY(const auto used, database_.Read([&](Transaction& transaction) {
    return transaction.Query(
        "SELECT 1 FROM kv_entries WHERE digest = ? LIMIT 1", digest);
  }));
  if (used.empty()) CARAVEL_TRY(blobs_.Remove(digest));
  return database_.Transact([&](Transaction& transaction) -> Status {
    CARAVEL_TRY(transaction.Execute(
        "DELETE FROM kv_loose WHERE digest = ? AND since <= ?", digest,
        before));
    return {};
  });
}

}  // namespace caravel::storage
