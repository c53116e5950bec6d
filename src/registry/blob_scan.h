#pragma once

#include <cstdint>
#include <cstring>
#include <deque>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "registry/asset_table.h"
#include "registry/kept_blobs.h"
#include "storage/database.h"

namespace caravel::registry {

// Finds out which of some blobs are needed, and removes the others: a step at a
// time, between which others find their turn. A scan that is given up has done
// nothing by halves.
//
// Threads: one at a time.
class BlobScan {
 public:
  struct Limits {
    size_t rows = 200;  // looked at in one step
    size_t blobs = 10;  // removed in one step: each costs some syncs
  };

  // `digests` are noted as loose and plain, none later than `due`. All
  // references outlive the scan.
  BlobScan(storage::Database& database, KeptBlobs& kept,
           const base::Clock& clock, const Limits& limits, int64_t due,
           const std::vector<std::string>& digests);

  // Whether there is more to do. kInternal, naming it: a list of assets that a
  // version has is not whole, so that nobody knows what it needs.
  Result<bool> Step();

  uint64_t removed() const { return removed_; }

 private:
  enum class Phase : uint8_t {
    kLists,
    kSessions,
    kFiles,
    kSettle,
    kRemove,
    kDone
  };
  enum class Need : uint8_t { kNone, kSession, kList };
  struct Candidate {
    Need need = Need::kNone;
    bool settled = false;
    std::vector<AssetFileKey> files;  // that have it
  };
  // By the bytes of the digest, of which any are a good hash.
  struct FirstBytes {
    using is_transparent = void;
    size_t operator()(std::string_view digest) const {
      size_t hash = 0;
      std::memcpy(&hash, digest.data(), std::min(digest.size(), sizeof hash));
      return hash;
    }
  };
  using Candidates =
      std::unordered_map<std::string, Candidate, FirstBytes, std::equal_to<>>;
  using SessionKey = std::pair<std::string, std::string>;  // account, session
  struct Removed {
    std::vector<SessionKey> new_sessions;  // if any, nothing was done
    std::vector<std::string> gone;
  };

  Status LookAtList();
  Status NextLists();
  Status NextSessions();
  Status LookAtSession();
  Status LookAtFiles();
  Status Settle();
  Status RemoveSome();
  // What is removed, as far as the database is concerned.
  Result<Removed> Forget(storage::Transaction& transaction,
                         const std::vector<std::string>& free,
                         const std::vector<std::string>& held);
  // Whether nothing refers to it and nothing is about to; its files are gone
  // then.
  Result<bool> ForgetOne(storage::Transaction& transaction,
                         const std::string& digest);
  // No effect on what is no candidate.
  void Mark(std::string_view digest_bytes, Need need);
  Candidate* Find(std::string_view digest);  // hexadecimal; nullptr: none

  storage::Database& database_;
  KeptBlobs& kept_;
  const base::Clock& clock_;
  const Limits limits_;
  const int64_t due_;
  Candidates candidates_;
  Phase phase_ = Phase::kLists;

  std::deque<std::pair<std::string, bool>> lists_;  // and whether one is needed
  std::string last_list_;
  std::deque<SessionKey>
      sessions_;  // to be looked at, the first perhaps partly
  std::set<SessionKey> known_sessions_;
  std::vector<std::string> names_;  // of the first, that are still to be found
  bool names_read_ = false;
  AssetFileKey last_file_;
  bool files_done_ = false;
  std::vector<std::string> to_settle_;  // digests
  std::vector<std::string> to_remove_;
  uint64_t removed_ = 0;
};

}  // namespace caravel::registry
