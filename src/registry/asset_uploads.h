#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "registry/asset_table.h"
#include "registry/published.h"
#include "storage/database.h"

namespace caravel::registry {

// For so long an upload session keeps what it brings, counted from its begin
// and from each time that it is found in its second half.
inline constexpr std::chrono::hours kUploadSessionLife{3};

// For so long a session that has ended makes no room for others: a second job
// that uploads the same files has the same session, and may be at it still.
inline constexpr std::chrono::minutes kEndedSessionStay{10};

// Upload sessions of static assets, each with the manifest of what it is to
// bring, and the contents that accounts have brought. A session keeps its
// contents until a version has them; the sweep takes back what it brought in
// vain (registry/blob_sweep.h).
//
// Threads: any, several at once; every call blocks on the database.
class AssetUploads {
 public:
  // Of an account's sessions that live: each lies in the database, and the
  // sweep looks through all of them. Those that have ended (kEndedSessionStay)
  // make room for others where it is needed: they live no more then, and the
  // sweep removes them.
  struct Limits {
    size_t sessions = 10'000;
    size_t manifest_bytes = 256 << 20;  // together
  };

  // Both outlive this; the registry's tables are in `database`.
  AssetUploads(storage::Database& database, const base::Clock& clock,
               const Limits& limits)
      : database_(database), clock_(clock), limits_(limits) {}
  AssetUploads(storage::Database& database, const base::Clock& clock)
      : AssetUploads(database, clock, Limits()) {}

  // Begins a session, or the same one anew. `manifest` is an encoded
  // AssetManifest, by whose digest the session is known to its account. Files
  // that are found from now on and that the manifest names stay. kLimit: the
  // account has as many sessions, or as large ones, as it may.
  Result<std::string> Begin(const AccountId& account,
                            std::string_view manifest);

  // kNotFound: there is no such session, or none any more.
  Result<std::string> Manifest(const AccountId& account,
                               const std::string& session);

  // A list of all that the session brought is kept, and keeps them in turn.
  Status End(const AccountId& account, const std::string& session);

  // Contents that the account has uploaded, by the names that it gave them. One
  // that is known already stays as it is.
  Status Keep(const AccountId& account, const std::vector<AssetFile>& files);

  // Those of `names` that are known, in that order; looks no further than the
  // first that is not, if `all_or_first`. Not in one transaction: in between
  // others find their turn.
  Result<std::vector<AssetFile>> Find(const AccountId& account,
                                      std::span<const std::string> names,
                                      bool all_or_first = false);

 private:
  // For a session with a manifest of so many bytes, there or not.
  Status MakeRoom(storage::Transaction& transaction, const AccountId& account,
                  const std::string& session, size_t bytes) const;

  storage::Database& database_;
  const base::Clock& clock_;
  const Limits limits_;
};

// Who begins a session, and who removes contents that none keeps, holds this
// lock of the database.
inline constexpr std::string_view kUploadSessionsLock = "upload sessions";

}  // namespace caravel::registry
