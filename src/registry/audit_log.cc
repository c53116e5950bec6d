// One thread writes what others record. Its steps: wait for an entry, gather
// for a moment (unless somebody waits for it), write all in one transaction.
// What cannot be written stays in front of what comes later.
// Test: audit_log_test.cc.
#include "registry/audit_log.h"

#include <algorithm>
#include <map>

#include "registry/audit_table.h"
#include "storage/migrations.h"

namespace caravel::registry {
namespace {

using storage::Transaction;

constexpr std::chrono::hours kRemovalPause{1};
constexpr std::chrono::seconds kRetryPause{1};
constexpr size_t kMostAtOnce = 1000;  // of a transaction
constexpr size_t kLongestText = 1000;

// What clients say is bytes; a database takes text.
std::string AsText(std::string_view bytes) {
  std::string text(bytes.substr(0, kLongestText));
  for (char& c : text) {
    if (c < ' ' || c > '~') c = '?';  // bytes above 0x7f are below 0
  }
  return text;
}

}  // namespace

Result<std::unique_ptr<AuditLog>> AuditLog::Open(storage::Database& database,
                                                 const base::Clock& clock,
                                                 base::Log& log,
                                                 Options options) {
  CARAVEL_TRY(storage::Migrate(database, "audit", AuditMigrations()));
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
  for (auto text : {&AuditEntry::address, &AuditEntry::user_agent,
                    &AuditEntry::method, &AuditEntry::path}) {
    entry.*text = AsText(entry.*text);
  }
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
              {"method", entry.method},
              {"path", entry.path},
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
        CARAVEL_TRY(number->second,
                    NewestAuditNumber(transaction, entry.account));
      }
      CARAVEL_TRY(InsertAuditEntry(transaction, entry, ++number->second));
    }
    for (const auto& [account, newest] : numbers) {
      CARAVEL_TRY(RemoveTooMany(transaction, account, newest));
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

Status AuditLog::RemoveTooMany(Transaction& transaction,
                               const AccountId& account, uint64_t newest) {
  constexpr uint64_t kPart = 100;
  const uint64_t pause = std::max<uint64_t>(options_.entries / kPart, 1);
  const uint64_t looked = looked_[account];
  // All may have gone by their age: numbers then begin anew.
  if (newest >= looked && newest - looked < pause) return {};
  CARAVEL_TRY(RemoveTooManyEntries(transaction, account, options_.entries));
  transaction.AfterCommit(
      [this, account, newest] { looked_[account] = newest; });
  return {};
}

Status AuditLog::RemoveOld(base::WallTime now) {
  last_removal_ = now;
  return database_.Transact([&](Transaction& transaction) {
    return RemoveEntriesBefore(transaction, now - options_.age);
  });
}

Result<AuditPage> AuditLog::Find(const AccountId& account,
                                 const AuditFilter& filter) {
  return database_.Read([&](Transaction& transaction) {
    return ReadAuditPage(transaction, account, filter);
  });
}

}  // namespace caravel::registry
