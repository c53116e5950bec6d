#include "storage/postgres_database.h"

#include "storage/transaction_errors.h"

namespace caravel::storage {
namespace {

class PostgresTransaction final : public Transaction {
 public:
  explicit PostgresTransaction(PostgresConnection& connection)
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
  Status Lock(std::string_view name) override {
    const SqlValue values[] = {name};
    CARAVEL_TRY(
        Run("SELECT CAST(pg_advisory_xact_lock("
            "hashtextextended(?, 0)) AS TEXT)",
            values));
    return {};
  }
  void AfterCommit(std::function<void()> done) override {
    after_commit_.push_back(std::move(done));
  }

  bool failed() const { return failed_; }
  void RunAfterCommit() const {
    for (const auto& done : after_commit_) done();
  }

 private:
  PostgresConnection& connection_;
  std::vector<std::function<void()>> after_commit_;
  bool failed_ = false;
};

}  // namespace

Result<std::unique_ptr<PostgresDatabase>> PostgresDatabase::Open(
    std::string address, size_t connections) {
  CARAVEL_CHECK(connections > 0);
  std::unique_ptr<PostgresDatabase> database(
      new PostgresDatabase(std::move(address), connections));
  CARAVEL_TRY(database->Read([](Transaction&) { return Status(); }));
  return database;
}

PostgresDatabase::Connection PostgresDatabase::TakeIdle() {
  const base::MutexLock lock(mutex_);
  while (in_use_ == limit_) freed_.Wait(mutex_);
  ++in_use_;
  if (idle_.empty()) return nullptr;
  Connection connection = std::move(idle_.back());
  idle_.pop_back();
  return connection;
}

void PostgresDatabase::GiveBack(Connection connection) {
  const base::MutexLock lock(mutex_);
  --in_use_;
  if (connection != nullptr && !connection->is_broken()) {
    idle_.push_back(std::move(connection));
  }
  freed_.NotifyOne();
}

Result<PostgresDatabase::Connection> PostgresDatabase::Begin(Mode mode) {
  const std::string_view begin =
      mode == Mode::kWrite ? "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
                           : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
  Connection connection = TakeIdle();
  // An idle connection may have been lost since: the server was restarted.
  if (connection != nullptr && !connection->Run(begin, {}))
    connection = nullptr;
  if (connection != nullptr) return connection;

  Result<Connection> fresh = PostgresConnection::Open(address_);
  if (fresh) {
    auto begun = (*fresh)->Run(begin, {});
    if (begun) return fresh;
    fresh = std::move(begun).error();
  }
  GiveBack(nullptr);
  return fresh;
}

Status PostgresDatabase::Finish(PostgresConnection& connection, Status status) {
  if (!status) {
    // A broken connection has rolled back by itself.
    if (connection.is_broken()) return status;
    if (auto undone = connection.Run("ROLLBACK", {});
        !undone && !connection.is_broken()) {
      return std::move(undone).error();
    }
    return status;
  }
  auto committed = connection.Run("COMMIT", {});
  if (committed) return {};
  if (!connection.is_broken()) return std::move(committed).error();
  return std::move(committed.error())
      .In("the connection broke during COMMIT, so the change may or may not "
          "have been made");
}

Database::Attempt PostgresDatabase::TryOnce(Mode mode, const Body& body) {
  Result<Connection> begun = Begin(mode);
  if (!begun) return {.status = std::move(begun).error()};
  Connection connection = std::move(begun).value();
  connection->TakeConflict();
  PostgresTransaction transaction(*connection);
  Attempt attempt;
  Status status = body(transaction);
  if (status && transaction.failed()) status = WentOnAfterFailure();
  attempt.status = Finish(*connection, std::move(status));
  attempt.in_conflict = connection->TakeConflict();
  if (attempt.status) transaction.RunAfterCommit();
  GiveBack(std::move(connection));
  return attempt;
}

}  // namespace caravel::storage
