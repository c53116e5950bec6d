// A topic's row in log_topics holds its newest number. Append() raises it,
// which locks the row until the transaction ends: so numbers have no gaps,
// since a rollback takes the number back, and become visible in order, since
// the next append waits.
#include "storage/database_log.h"

#include <map>
#include <utility>

#include "base/mutex.h"
#include "storage/migrations.h"

namespace caravel::storage {
namespace {

constexpr Migration kLogMigrations[] = {
    {.name = "log", .sql = R"(
       CREATE TABLE log_topics (
         topic TEXT PRIMARY KEY NOT NULL,
         newest INTEGER NOT NULL,
         trimmed INTEGER NOT NULL
       );
       CREATE TABLE log_records (
         topic TEXT NOT NULL,
         sequence INTEGER NOT NULL,
         bytes BLOB NOT NULL,
         PRIMARY KEY (topic, sequence)
       )
     )"},
};

struct TopicState {
  uint64_t newest = 0;
  uint64_t trimmed = 0;  // the last number whose record was dropped
};

Result<TopicState> ReadTopic(Transaction& transaction, std::string_view topic) {
  CARAVEL_TRY(
      const std::vector<SqlRow> rows,
      transaction.Query(
          "SELECT newest, trimmed FROM log_topics WHERE topic = ?", topic));
  if (rows.empty()) return TopicState{};
  return TopicState{.newest = rows[0].Unsigned(0),
                    .trimmed = rows[0].Unsigned(1)};
}

}  // namespace

// Who is to be woken, by topic. Shared with the hooks of open transactions and
// with subscriptions, whichever lives longest.
class DatabaseLog::Subscribers {
 public:
  uint64_t Add(std::string_view topic, std::function<void()> wake) {
    const base::MutexLock lock(mutex_);
    const uint64_t id = ++last_id_;
    wakes_.emplace(id, Entry{std::string(topic), std::move(wake)});
    return id;
  }
  void Remove(uint64_t id) {
    const base::MutexLock lock(mutex_);
    wakes_.erase(id);
  }
  // Holds the mutex meanwhile, so that Remove() waits for a wake that runs.
  void Wake(std::string_view topic) {
    const base::MutexLock lock(mutex_);
    for (const auto& [id, entry] : wakes_) {
      if (entry.topic == topic) entry.wake();
    }
  }

 private:
  struct Entry {
    std::string topic;
    std::function<void()> wake;
  };
  base::Mutex mutex_;
  uint64_t last_id_ CARAVEL_GUARDED_BY(mutex_) = 0;
  std::map<uint64_t, Entry> wakes_ CARAVEL_GUARDED_BY(mutex_);
};

class DatabaseLog::Ticket final : public Subscription {
 public:
  Ticket(std::shared_ptr<Subscribers> subscribers, uint64_t id)
      : subscribers_(std::move(subscribers)), id_(id) {}
  ~Ticket() override { subscribers_->Remove(id_); }

 private:
  const std::shared_ptr<Subscribers> subscribers_;
  const uint64_t id_;
};

DatabaseLog::DatabaseLog() : subscribers_(std::make_shared<Subscribers>()) {}
DatabaseLog::~DatabaseLog() = default;

Result<std::unique_ptr<DatabaseLog>> DatabaseLog::Open(Database& database) {
  CARAVEL_TRY(Migrate(database, "log", kLogMigrations));
  return std::unique_ptr<DatabaseLog>(new DatabaseLog());
}

Result<uint64_t> DatabaseLog::Append(Transaction& transaction,
                                     std::string_view topic,
                                     std::string_view bytes) {
  CARAVEL_TRY(
      const std::vector<SqlRow> rows,
      transaction.Query("INSERT INTO log_topics (topic, newest, trimmed) "
                        "VALUES (?, 1, 0) ON CONFLICT (topic) "
                        "DO UPDATE SET newest = log_topics.newest + 1 "
                        "RETURNING newest",
                        topic));
  const uint64_t sequence = rows[0].Unsigned(0);
  CARAVEL_TRY(transaction.Execute(
      "INSERT INTO log_records (topic, sequence, bytes) VALUES (?, ?, ?)",
      topic, sequence, Bytes{std::string(bytes)}));
  transaction.AfterCommit(
      [subscribers = subscribers_, topic = std::string(topic)] {
        subscribers->Wake(topic);
      });
  return sequence;
}

Result<std::vector<LogRecord>> DatabaseLog::ReadAfter(Transaction& transaction,
                                                      std::string_view topic,
                                                      uint64_t after,
                                                      size_t limit) {
  CARAVEL_TRY(const TopicState state, ReadTopic(transaction, topic));
  if (after < state.trimmed) {
    return Error(ErrorCode::kNotFound,
                 fmt::format("log \"{}\": records behind {} were trimmed, up "
                             "to {}",
                             topic, after, state.trimmed));
  }
  if (after > state.newest) {
    return Error(ErrorCode::kNotFound,
                 fmt::format("log \"{}\": the newest record is {}, there is no "
                             "{}: an older state was restored",
                             topic, state.newest, after));
  }
  CARAVEL_TRY(const std::vector<SqlRow> rows,
              transaction.Query(
                  "SELECT sequence, bytes FROM log_records "
                  "WHERE topic = ? AND sequence > ? ORDER BY sequence LIMIT ?",
                  topic, after, limit));
  std::vector<LogRecord> records;
  records.reserve(rows.size());
  for (const SqlRow& row : rows) {
    records.push_back({.sequence = row.Unsigned(0), .bytes = row.Blob(1)});
  }
  return records;
}

Result<uint64_t> DatabaseLog::Newest(Transaction& transaction,
                                     std::string_view topic) {
  CARAVEL_TRY(const TopicState state, ReadTopic(transaction, topic));
  return state.newest;
}

Status DatabaseLog::Trim(Transaction& transaction, std::string_view topic,
                         uint64_t sequence) {
  CARAVEL_TRY(
      const uint64_t changed,
      transaction.Execute("UPDATE log_topics SET trimmed = ? "
                          "WHERE topic = ? AND trimmed < ? AND newest >= ?",
                          sequence, topic, sequence, sequence));
  if (changed == 0) {
    CARAVEL_TRY(const TopicState state, ReadTopic(transaction, topic));
    if (sequence <= state.trimmed) return {};
    return Error(
        ErrorCode::kInvalid,
        fmt::format("log \"{}\" cannot be trimmed up to {}: its newest "
                    "record is {}",
                    topic, sequence, state.newest));
  }
  CARAVEL_TRY(transaction.Execute(
      "DELETE FROM log_records WHERE topic = ? AND sequence <= ?", topic,
      sequence));
  return {};
}

std::unique_ptr<Log::Subscription> DatabaseLog::Subscribe(
    std::string_view topic, std::function<void()> wake) {
  return std::make_unique<Ticket>(subscribers_,
                                  subscribers_->Add(topic, std::move(wake)));
}

}  // namespace caravel::storage
