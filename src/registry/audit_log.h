#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/mutex.h"
#include "base/result.h"
#include "registry/published.h"
#include "registry/token.h"
#include "storage/database.h"

namespace caravel::registry {

// How a change that somebody asked for ended.
enum class AuditOutcome : unsigned char {
  kDone,
  kFailed,
  kRefused,  // before anything was tried: the token may not, or is not valid
  kLast = kRefused,
};

// One change that was asked for. Neither bodies nor queries are among it, so
// that no secret is.
struct AuditEntry {
  std::string id;  // UUID
  AccountId account;
  base::WallTime time;
  // Who: the token, and the member whose it is (empty: it is the account's).
  TokenId token;
  std::string token_name;
  std::string email;
  // From where.
  std::string address;
  std::string user_agent;
  // What.
  std::string operation;  // in words
  std::string method;
  std::string path;
  AuditOutcome outcome = AuditOutcome::kDone;
  uint32_t status = 0;  // of HTTP
  std::string request;  // which the answer names, too
};

// What is looked for; what is absent does not matter.
struct AuditFilter {
  std::optional<base::WallTime> since;   // from then on
  std::optional<base::WallTime> before;  // until then, without it
  std::string actor;                     // any of the next three
  std::string email;
  std::string token_name;
  std::string token;
  std::string method;
  std::string address;
  std::optional<bool> is_done;  // the outcome is kDone
  std::string text;             // in the operation or the path
  bool oldest_first = false;
  size_t limit = 100;
  // Behind (or, newest first, before) this one of an earlier answer; 0: from
  // the first on.
  uint64_t cursor = 0;
};

struct AuditPage {
  static constexpr size_t kMost = 1000;

  std::vector<AuditEntry> entries;
  uint64_t cursor = 0;  // 0: there are no more
};

// Who changed what, by account. Entries are written behind: Record() hands them
// to a thread, which writes what has gathered in one transaction, so that no
// change waits for a second sync. A clean stop and Flush() write all; a crash
// may cost the entries of the last moments (Options::gather). While the
// database cannot be written, entries wait; what finds no room then, and what
// even the end cannot write, goes to the program's log.
//
// An account has a bounded number of entries, so that none can push out
// another's. Beyond it those go that the same token has most of, of what was
// done or of what was not, the oldest first: who floods the log, by requests
// that are refused as by others, loses their own entries and nobody else's.
//
// Threads: any, several at once.
class AuditLog {
 public:
  struct Options {
    std::chrono::hours age = std::chrono::hours(24) * 180;
    // Of an account; a hundredth more may be there for a while.
    uint64_t entries = 100'000;
    std::chrono::milliseconds gather{100};
    size_t longest_queue = 10'000;
  };

  // Brings its table up to date. `database` and `log` outlive this.
  static Result<std::unique_ptr<AuditLog>> Open(storage::Database& database,
                                                const base::Clock& clock,
                                                base::Log& log,
                                                Options options);
  ~AuditLog();
  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;

  // Blocks while very many wait to be written, and that succeeds.
  void Record(AuditEntry entry);

  // Returns once what was recorded before is written, or tried to be.
  void Flush();

  // Newest first, unless asked otherwise. Blocks on the database.
  Result<AuditPage> Find(const AccountId& account, const AuditFilter& filter);

 private:
  AuditLog(storage::Database& database, base::Log& log, Options options);

  void Run();
  // Says to the program's log what the audit log cannot hold.
  void Tell(const AuditEntry& entry);
  Status Write(const std::deque<AuditEntry>& entries);
  // Of an account that has so many more entries than at the last look.
  Status RemoveTooMany(storage::Transaction& transaction,
                       const AccountId& account, uint64_t newest);
  Status RemoveOld(base::WallTime now);

  storage::Database& database_;
  base::Log& log_;
  const Options options_;

  base::Mutex mutex_;
  base::CondVar changed_;
  std::deque<AuditEntry> waiting_ CARAVEL_GUARDED_BY(mutex_);
  uint64_t recorded_ CARAVEL_GUARDED_BY(mutex_) = 0;
  uint64_t tried_ CARAVEL_GUARDED_BY(mutex_) = 0;  // of those recorded
  bool hurry_ CARAVEL_GUARDED_BY(mutex_) = false;
  bool stopping_ CARAVEL_GUARDED_BY(mutex_) = false;
  bool failing_ CARAVEL_GUARDED_BY(mutex_) = false;  // the last write did
  // Of the thread. By account the newest entry when it was last looked how many
  // there are.
  std::map<AccountId, uint64_t> looked_;
  base::WallTime last_removal_{};
  std::thread thread_;  // last: it uses all above
};

}  // namespace caravel::registry
