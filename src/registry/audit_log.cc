// One thread writes what others record. Its steps: wait for an entry, gather
// for a moment (unless somebody waits for it), write all in one transaction.
// What cannot be written stays in front of what comes later.
// Test: audit_log_test.cc.
#include "registry/audit_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "registry/account_table.h"
#include "storage/migrations.h"

namespace caravel::registry {
namespace {

using storage::SqlRow;
using storage::SqlValue;
using storage::Transaction;

constexpr std::chrono::hours kRemovalPause{1};
constexpr std::chrono::seconds kRetryPause{1};
constexpr size_t kMostAtOnce = 1000;  // of a transaction, and of an answer
constexpr size_t kLongestText = 1000;

constexpr storage::Migration kAuditMigrations[] = {
    {.name = "audit", .sql = R"(
CREATE TABLE audit_entries (
  account TEXT NOT NULL,
  number INTEGER NOT NULL,
  id TEXT NOT NULL,
  time INTEGER NOT NULL,
  token TEXT NOT NULL,
  token_name TEXT NOT NULL,
  email TEXT NOT NULL,
  address TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  operation TEXT NOT NULL,
  method TEXT NOT NULL,
  path TEXT NOT NULL,
  outcome INTEGER NOT NULL,
  status INTEGER NOT NULL,
  request TEXT NOT NULL,
  PRIMARY KEY (account, number)
);
CREATE INDEX audit_entries_by_time ON audit_entries (time)
)"},
};

// What clients say is bytes; a database takes text.
std::string AsText(std::string_view bytes) {
  std::string text(bytes.substr(0, kLongestText));
  for (char& c : text) {
    if (c < ' ' || c > '~') c = '?';  // bytes above 0x7f are below 0
  }
  return text;
}

AuditEntry EntryFromRow(const SqlRow& row, const AccountId& account) {
  return {.id = row.Text(1),
          .account = account,
          .time = FromMillis(row.Integer(2)),
          .token = {row.Text(3)},
          .token_name = row.Text(4),
          .email = row.Text(5),
          .address = row.Text(6),
          .user_agent = row.Text(7),
          .operation = row.Text(8),
          .method = row.Text(9),
          .path = row.Text(10),
          .outcome = static_cast<AuditOutcome>(std::min(
              row.Unsigned(11), static_cast<uint64_t>(AuditOutcome::kLast))),
          .status = static_cast<uint32_t>(row.Unsigned(12)),
          .request = row.Text(13)};
}

Status InsertEntry(Transaction& transaction, const AuditEntry& entry,
                   uint64_t number) {
  CARAVEL_TRY(transaction.Execute(
      "INSERT INTO audit_entries (account, number, id, time, token, "
      "token_name, email, address, user_agent, operation, method, path, "
      "outcome, status, request) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      entry.account.value, number, entry.id, ToMillis(entry.time),
      entry.token.value, entry.token_name, entry.email, AsText(entry.address),
      AsText(entry.user_agent), entry.operation, AsText(entry.method),
      AsText(entry.path), static_cast<int64_t>(entry.outcome), entry.status,
      entry.request));
  return {};
}

Result<uint64_t> NewestNumber(Transaction& transaction,
                              const AccountId& account) {
  CARAVEL_TRY(
      const auto rows,
      transaction.Query("SELECT CAST(COALESCE(MAX(number), 0) AS INTEGER) FROM "
                        "audit_entries WHERE account = ?",
                        account.value));
  return rows[0].Unsigned(0);
}

// A LIKE pattern for texts that contain `text`; the escape sign is '!'.
std::string Containing(std::string_view text) {
  std::string pattern = "%";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '!') pattern += '!';
    pattern += c;
  }
  return pattern + '%';
}

}  // namespace

Result<std::unique_ptr<AuditLog>> AuditLog::Open(storage::Database& database,
                                                 const base::Clock& clock,
                                                 base::Log& log,
                                                 Options options) {
  CARAVEL_TRY(storage::Migrate(database, "audit", kAuditMigrations));
  std::unique_ptr<AuditLog> audit(new AuditLog(database, log, options));
  CARAVEL_TRY(audit->RemoveOld(clock.Wall()));
  audit->thread_ = std::thread([&opened = *audit] { opened.Run(); });
  return audit;
}

AuditLog::AuditLog(storage::Database& database, base::Log& log, Options options)
    : database_(database), log_(log), options_(options) {}

AuditLog::~AuditLog() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

void AuditLog::Record(AuditEntry entry) {
  const base::MutexLock lock(mutex_);
  const auto is_full = [&]() CARAVEL_REQUIRES(mutex_) {
    return waiting_.size() >= options_.longest_queue;
  };
  while (is_full() && !failing_ && !stopping_) changed_.Wait(mutex_);
  if (is_full()) return Tell(entry);
  waiting_.push_back(std::move(entry));
  ++recorded_;
  changed_.NotifyAll();
}

void AuditLog::Tell(const AuditEntry& entry) {
  log_.Error("a change is not in the audit log",
             {{"account", entry.account.value},
              {"token", entry.token_name},
              {"method", AsText(entry.method)},
              {"path", AsText(entry.path)},
              {"status", entry.status}});
}

void AuditLog::Flush() {
  const base::MutexLock lock(mutex_);
  const uint64_t wanted = recorded_;
  while (tried_ < wanted && !stopping_) {
    hurry_ = true;
    changed_.NotifyAll();
    changed_.Wait(mutex_);
  }
}

void AuditLog::Run() {
  const auto steady_now = [] { return std::chrono::steady_clock::now(); };
  while (true) {
    std::deque<AuditEntry> batch;
    bool is_last = false;
    {
      const base::MutexLock lock(mutex_);
      while (waiting_.empty() && !stopping_) changed_.Wait(mutex_);
      const auto until = steady_now() + options_.gather;
      while (!hurry_ && !stopping_ && waiting_.size() < kMostAtOnce &&
             steady_now() < until) {
        changed_.WaitFor(mutex_, until - steady_now());
      }
      if (waiting_.empty()) return;  // stopping
      is_last = stopping_;
      hurry_ = false;
      const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(
                                              waiting_.size(), kMostAtOnce));
      batch.assign(waiting_.begin(), end);
    }
    const Status written = Write(batch);
    const base::MutexLock lock(mutex_);
    if (written || is_last) {
      if (!written)
        std::ranges::for_each(batch,
                              [&](const AuditEntry& lost) { Tell(lost); });
      waiting_.erase(
          waiting_.begin(),
          waiting_.begin() + static_cast<std::ptrdiff_t>(batch.size()));
    } else if (!failing_) {
      log_.Warning("the audit log cannot be written: its entries wait",
                   {{"reason", written.error().ToText()}});
    }
    failing_ = !written;
    // What could not be written has been tried, for who waits in Flush().
    tried_ = recorded_ - waiting_.size() + (written ? 0 : batch.size());
    changed_.NotifyAll();
    if (!written && !stopping_) changed_.WaitFor(mutex_, kRetryPause);
  }
}

Status AuditLog::Write(const std::deque<AuditEntry>& entries) {
  CARAVEL_TRY(database_.Transact([&](Transaction& transaction) -> Status {
    CARAVEL_TRY(transaction.Lock("audit"));
    std::map<AccountId, uint64_t> numbers;
    for (const AuditEntry& entry : entries) {
      const auto [number, is_new] = numbers.try_emplace(entry.account);
      if (is_new) {
        CARAVEL_TRY(number->second, NewestNumber(transaction, entry.account));
      }
      CARAVEL_TRY(InsertEntry(transaction, entry, ++number->second));
    }
    for (const auto& [account, newest] : numbers) {
      if (newest <= options_.entries) continue;
      CARAVEL_TRY(transaction.Execute(
          "DELETE FROM audit_entries WHERE account = ? AND number <= ?",
          account.value, newest - options_.entries));
    }
    return {};
  }));
  // The time is that of what happens: the thread needs no clock.
  const base::WallTime now = entries.back().time;
  if (now - last_removal_ < kRemovalPause) return {};
  if (Status removed = RemoveOld(now); !removed) {
    log_.Warning("old entries of the audit log are not removed",
                 {{"reason", removed.error().ToText()}});
  }
  return {};
}

Status AuditLog::RemoveOld(base::WallTime now) {
  last_removal_ = now;
  return database_.Transact([&](Transaction& transaction) -> Status {
    CARAVEL_TRY(transaction.Execute("DELETE FROM audit_entries WHERE time < ?",
                                    ToMillis(now - options_.age)));
    return {};
  });
}

Result<AuditPage> AuditLog::Find(const AccountId& account,
                                 const AuditFilter& filter) {
  std::string sql =
      "SELECT number, id, time, token, token_name, email, address, user_agent, "
      "operation, method, path, outcome, status, request FROM audit_entries "
      "WHERE account = ?";
  std::vector<SqlValue> values = {account.value};
  const auto also = [&](std::string_view condition,
                        std::initializer_list<SqlValue> of_it) {
    sql += fmt::format(" AND {}", condition);
    values.insert(values.end(), of_it);
  };
  if (filter.since) also("time >= ?", {ToMillis(*filter.since)});
  if (filter.before) also("time < ?", {ToMillis(*filter.before)});
  if (!filter.actor.empty()) {
    also("(email = ? OR token_name = ? OR token = ?)",
         {filter.actor, filter.actor, filter.actor});
  }
  if (!filter.method.empty()) also("method = ?", {filter.method});
  if (!filter.address.empty()) also("address = ?", {filter.address});
  if (filter.is_done) {
    also(*filter.is_done ? "outcome = 0" : "outcome <> 0", {});
  }
  if (!filter.text.empty()) {
    const std::string pattern = Containing(filter.text);
    also("(operation LIKE ? ESCAPE '!' OR path LIKE ? ESCAPE '!')",
         {pattern, pattern});
  }
  if (filter.cursor > 0) {
    also(filter.oldest_first ? "number > ?" : "number < ?", {filter.cursor});
  }
  const size_t limit = std::min(filter.limit, kMostAtOnce);
  sql += filter.oldest_first ? " ORDER BY number LIMIT ?"
                             : " ORDER BY number DESC LIMIT ?";
  values.emplace_back(limit + 1);
  return database_.Read([&](Transaction& transaction) -> Result<AuditPage> {
    CARAVEL_TRY(const storage::SqlAnswer answer, transaction.Run(sql, values));
    AuditPage page;
    for (const SqlRow& row : answer.rows) {
      if (page.entries.size() == limit) {
        page.cursor = answer.rows[limit - 1].Unsigned(0);
        break;
      }
      page.entries.push_back(EntryFromRow(row, account));
    }
    return page;
  });
}

}  // namespace caravel::registry
