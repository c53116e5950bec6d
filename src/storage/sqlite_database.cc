// Writers begin with BEGIN IMMEDIATE: a transaction that reads first and then
// writes would else fail in the middle when another process wrote meanwhile.
#include "storage/sqlite_database.h"

#include "storage/transaction_errors.h"

namespace caravel::storage {
namespace {

class SqliteTransaction final : public Transaction {
 public:
  explicit SqliteTransaction(SqliteConnection& connection)
      : connection_(connection) {}

  Result<SqlAnswer> Run(std::string_view sql,
                        std::span<const SqlValue> values) override {
    Result<SqlAnswer> answer = connection_.Run(sql, values);
    failed_ |= !answer;
    return answer;
  }
  Status ExecuteScript(std::string_view sql) override {
    Status status = connection_.ExecuteScript(sql);
    failed_ |= !status;
    return status;
  }
  // A writing transaction excludes every other one by itself.
  Status Lock(std::string_view) override { return {}; }
  void AfterCommit(std::function<void()> done) override {
    after_commit_.push_back(std::move(done));
  }

  bool failed() const { return failed_; }
  std::vector<std::function<void()>> TakeAfterCommit() {
    return std::move(after_commit_);
  }

 private:
  SqliteConnection& connection_;
  std::vector<std::function<void()>> after_commit_;
  bool failed_ = false;
};

}  // namespace

Result<std::unique_ptr<SqliteDatabase>> SqliteDatabase::Open(std::string path) {
  CARAVEL_TRY(auto connection, SqliteConnection::Open(std::move(path)));
  return std::unique_ptr<SqliteDatabase>(
      new SqliteDatabase(std::move(connection)));
}

Status SqliteDatabase::Finish(Status status) {
  if (status) {
    if (auto committed = connection_->Run("COMMIT", {}); !committed) {
      status = std::move(committed).error();
    }
  }
  // Some failures, a full disk among them, have ended the transaction already.
  if (!status && connection_->in_transaction()) {
    if (auto undone = connection_->Run("ROLLBACK", {}); !undone) {
      return std::move(undone).error();
    }
  }
  return status;
}

Database::Attempt SqliteDatabase::TryOnce(Mode mode, const Body& body) {
  std::vector<std::function<void()>> after_commit;
  Attempt attempt;
  {
    const bool writes = mode == Mode::kWrite;
    const base::MutexLock lock(mutex_);
    connection_->TakeConflict();
    if (auto begun = connection_->Run(writes ? "BEGIN IMMEDIATE" : "BEGIN", {});
        !begun) {
      return {.status = std::move(begun).error(),
              .in_conflict = connection_->TakeConflict()};
    }
    SqliteTransaction transaction(*connection_);
    connection_->RefuseWrites(!writes);
    Status status = body(transaction);
    connection_->RefuseWrites(false);
    if (status && transaction.failed()) status = WentOnAfterFailure();
    attempt.status = Finish(std::move(status));
    attempt.in_conflict = connection_->TakeConflict();
    after_commit = transaction.TakeAfterCommit();
  }
  // Behind the mutex: no other transaction waits for hooks.
  if (attempt.status) {
    for (const auto& done : after_commit) done();
  }
  return attempt;
}

}  // namespace caravel::storage
