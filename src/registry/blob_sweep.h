#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "registry/asset_list.h"
#include "registry/blob_scan.h"
#include "registry/kept_blobs.h"
#include "storage/database.h"

namespace caravel::registry {

// Removes bundles, lists of assets and contents of assets that no version and
// no upload session needs. Nothing but a note that has grown old makes it look
// (registry/loose_blobs.h): blobs that the database has never heard of stay.
//
// Threads: one at a time; removed() and loose() any.
class BlobSweep {
 public:
  struct Options {
    // Blobs that nothing refers to stay so long, for hosts that serve a deleted
    // version for a moment still, and for who is reading them.
    std::chrono::minutes grace{10};
    BlobScan::Limits limits = {};
    size_t candidates = 20'000;  // of one scan, in memory
  };

  // All outlive the sweep; the registry's tables are in `database`.
  BlobSweep(storage::Database& database, KeptBlobs& kept,
            const base::Clock& clock, const Options& options);
  BlobSweep(storage::Database& database, KeptBlobs& kept,
            const base::Clock& clock)
      : BlobSweep(database, kept, clock, Options()) {}

  // Does a little, between which others find their turn. Whether there is more
  // to do now. After an error the next call begins anew.
  Result<bool> Step();

  uint64_t removed() const { return removed_; }
  // Blobs that were noted, when all was done last.
  uint64_t loose() const { return loose_; }

 private:
  // What is taken apart into notes, a few at a time.
  struct Session {
    AccountId account;
    std::string session;
    std::vector<std::string> names;  // that are still to be noted
  };
  struct List {
    std::string digest;
    std::optional<AssetList> list;  // nothing: there are no bytes, or others
    uint32_t next = 0;
  };

  Result<bool> TryStep();
  // False: none is due.
  Result<bool> TakeSessionApart();
  Result<bool> BeginSession();
  Result<bool> TakeListApart();
  Result<bool> BeginList();
  Status EndList();
  Result<bool> BeginScan();
  int64_t Now() const;
  int64_t Due() const;  // notes of then and before are due

  storage::Database& database_;
  KeptBlobs& kept_;
  const base::Clock& clock_;
  const Options options_;
  std::optional<Session> session_;
  std::optional<List> list_;
  std::optional<BlobScan> scan_;
  std::atomic<uint64_t> removed_ = 0;
  std::atomic<uint64_t> loose_ = 0;
};

}  // namespace caravel::registry
