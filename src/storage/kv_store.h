#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/fd.h"
#include "base/result.h"
#include "storage/blobs.h"
#include "storage/database.h"
#include "storage/digest_claims.h"

// The entries of Workers KV: for each namespace, values by key, with metadata
// and a time at which an entry ends. Values of more than kKvInlineBytes lie in
// Blobs. Passes storage/kv_store_contract.h on both engines.
namespace caravel::storage {

inline constexpr size_t kKvInlineBytes = 32 << 10;

// The bytes of a value, or the file that has them: a large one.
struct KvValue {
  std::string bytes;
  base::Fd file;  // valid(): `bytes` is empty
  uint64_t size = 0;
  std::string digest;  // of the file

  // All of it, wherever it lies. kInternal, naming the blob: it has lost some.
  Result<std::string> Whole() const;
};

struct KvFound {
  KvValue value;
  std::optional<std::string> metadata;  // as it was put: JSON
  std::optional<int64_t> expiration;    // seconds since the epoch
};

struct KvContent {
  std::string value;
  std::optional<std::string> metadata;
  std::optional<int64_t> expiration;
};

// One write: a put, or a delete where there is no content.
struct KvWrite {
  std::string space;  // id of the namespace
  std::string key;
  std::optional<KvContent> content;
};

struct KvListedKey {
  std::string key;
  std::optional<std::string> metadata;
  std::optional<int64_t> expiration;
};

struct KvListing {
  std::vector<KvListedKey> keys;
  bool complete = true;  // there are none behind the last
};

// Threads: any, several at once; calls block. Lengths are what the caller
// checked (storage/kv_limits.h).
class KvStore {
 public:
  struct Options {
    // Blobs that nothing refers to stay so long, for who is reading them.
    std::chrono::seconds grace{60};
    // Looked at in one step of Sweep(), between which others find their turn.
    size_t sweep_rows = 200;
    size_t sweep_blobs = 10;  // each costs some syncs
  };

  // Brings the tables up to date. `reads` is the same database, perhaps through
  // another handle, by which reads do not wait for writes. `blobs` has nothing
  // else in it, so that what no entry refers to can go. All outlive the store.
  static Result<std::unique_ptr<KvStore>> Open(Database& database,
                                               Database& reads, Blobs& blobs,
                                               const base::Clock& clock,
                                               Options options);
  static Result<std::unique_ptr<KvStore>> Open(Database& database,
                                               Database& reads, Blobs& blobs,
                                               const base::Clock& clock) {
    return Open(database, reads, blobs, clock, Options());
  }

  // Nothing: no such entry, or it has ended. kInternal, naming the blob: that
  // of a large value is gone.
  Result<std::optional<KvFound>> Get(std::string_view space,
                                     std::string_view key);
  // As of one moment, in the order of `keys`.
  Result<std::vector<std::optional<KvFound>>> GetMany(
      std::string_view space, std::span<const std::string> keys);

  // Without the value.
  Result<std::optional<KvListedKey>> GetMetadata(std::string_view space,
                                                 std::string_view key);

  // All of them in one transaction, in order; on disk when it returns a value.
  // That says of each whether its namespace was still there.
  Result<std::vector<bool>> Write(std::span<const KvWrite> writes);

  // At most `limit` entries whose key begins with `prefix`, in the order of
  // their bytes, behind the key `after` where there is one.
  Result<KvListing> List(std::string_view space, std::string_view prefix,
                         const std::optional<std::string>& after, size_t limit);

  // All its entries are gone, and none is taken any more. Their room is given
  // back by Sweep().
  Status Drop(Transaction& transaction, std::string_view space);

  // Removes some of what has ended, was dropped or has nothing that refers to
  // it; whether there may be more.
  Result<bool> Sweep();

 private:
  KvStore(Database& database, Database& reads, Blobs& blobs,
          const base::Clock& clock, Options options)
      : database_(database),
        reads_(reads),
        blobs_(blobs),
        clock_(clock),
        options_(options) {}

  int64_t Now() const;  // seconds since the epoch
  Result<std::vector<std::optional<KvFound>>> ReadMany(
      std::string_view space, std::span<const std::string> keys);
  // Stores those of `writes` that have a digest: the large ones.
  Status StoreLarge(std::span<const KvWrite> writes,
                    const std::vector<std::string>& digests);
  Result<std::vector<bool>> WriteRows(std::span<const KvWrite> writes,
                                      const std::vector<std::string>& digests);
  Result<bool> SweepExpired();
  Result<bool> SweepDropped();
  Result<bool> SweepBlobs();
  // Requires: it is noted as loose. `may`: nobody is about to refer to it.
  Status RemoveLoose(const std::string& digest, bool may, int64_t now);

  Database& database_;
  Database& reads_;
  Blobs& blobs_;
  const base::Clock& clock_;
  const Options options_;
  // A blob is used from before it is stored until its entry is: so none goes
  // that an entry is about to refer to.
  DigestClaims claims_;
};

}  // namespace caravel::storage
