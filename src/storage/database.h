#pragma once

#include <concepts>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.h"
#include "storage/sql_value.h"

// The seam to a relational database: SQLite on one machine, PostgreSQL under a
// cluster. Both pass storage/database_contract.h.
//
// The SQL is what both engines take:
// - Placeholders are `?`, in order.
// - Types are INTEGER (64 bits), REAL, TEXT (UTF-8 without NUL) and BLOB.
// - INSERT … ON CONFLICT, RETURNING, WITH and CAST work; no AUTOINCREMENT and
//   no type of one engine only. An aggregate of integers is CAST AS INTEGER.
// - A row is guarded by an UPDATE that names what it expects and by looking at
//   `changed`: PostgreSQL runs transactions as READ COMMITTED.
namespace caravel::storage {

// One open transaction. Threads: the one that runs the function that got it.
class Transaction {
 public:
  virtual ~Transaction() = default;

  // Errors: kConflict when a row of that key exists already or another refers
  // to it, with table and columns in the text; kInvalid when a value is refused
  // by the schema; kNoSpace for a full disk; kUnavailable when the server is
  // away. After an error the transaction can only be given up: the function
  // returns the error.
  template <typename... Values>
  Result<std::vector<SqlRow>> Query(std::string_view sql, Values&&... values) {
    CARAVEL_TRY(SqlAnswer answer,
                Call(sql, {SqlValue(std::forward<Values>(values))...}));
    return std::move(answer.rows);
  }

  // How many rows it inserted, changed or deleted.
  template <typename... Values>
  Result<uint64_t> Execute(std::string_view sql, Values&&... values) {
    CARAVEL_TRY(const SqlAnswer answer,
                Call(sql, {SqlValue(std::forward<Values>(values))...}));
    return answer.changed;
  }

  // Several statements with `;` between them, without parameters or rows.
  virtual Status ExecuteScript(std::string_view sql) = 0;

  // Waits until no other transaction holds the lock of this name, and holds it
  // until the end of this one. For work that no row stands for yet.
  virtual Status Lock(std::string_view name) = 0;

  // Calls `done` behind a successful COMMIT, on the same thread, before
  // Transact() returns; drops it otherwise. `done` starts no transaction.
  virtual void AfterCommit(std::function<void()> done) = 0;

  // One statement: Query() and Execute() without their templates.
  virtual Result<SqlAnswer> Run(std::string_view sql,
                                std::span<const SqlValue> values) = 0;

 private:
  Result<SqlAnswer> Call(std::string_view sql,
                         std::initializer_list<SqlValue> values);
};

// Threads: any may call, several at once; calls block.
class Database {
 public:
  virtual ~Database() = default;

  // Runs `function(Transaction&)`, which returns a Result<T> or Status, and
  // commits when it succeeded, else rolls back and passes the error on. It may
  // run several times, as a transaction that got in conflict with another is
  // tried again: it must have no effect but through the transaction and the
  // variables that it sets anew each time. When this returns a value, the
  // change is on disk.
  //
  // kConflict after kMaxAttempts in conflict. kUnavailable while the engine is
  // away; if the connection broke during COMMIT, nobody knows whether the
  // change was made, and the text says so.
  // Requires: not called from within a transaction of the same database.
  template <typename Function>
  auto Transact(Function&& function) {
    return Perform(Mode::kWrite, function);
  }

  // The same with one unchanging view of the data. Statements that write fail.
  template <typename Function>
  auto Read(Function&& function) {
    return Perform(Mode::kRead, function);
  }

  static constexpr int kMaxAttempts = 12;

  enum class Mode : uint8_t { kRead, kWrite };

  // How one attempt ended.
  struct Attempt {
    Status status;
    bool in_conflict = false;  // with another transaction: try again
  };
  using Body = std::function<Status(Transaction&)>;

  // One attempt, for Perform() and for wrappers.
  virtual Attempt TryOnce(Mode mode, const Body& body) = 0;

 private:
  template <typename Function>
  auto Perform(Mode mode, Function& function) {
    using Outcome = std::invoke_result_t<Function&, Transaction&>;
    if constexpr (std::is_same_v<Outcome, Status>) {
      return Repeat(mode, function);
    } else {
      std::optional<Outcome> outcome;
      Status status = Repeat(mode, [&](Transaction& transaction) -> Status {
        outcome.emplace(function(transaction));
        if (!*outcome) return std::move(outcome->error());
        return {};
      });
      return status ? *std::move(outcome) : Outcome(std::move(status).error());
    }
  }

  // Tries until an attempt is not in conflict, pausing a little longer and by
  // chance each time.
  Status Repeat(Mode mode, const Body& body);
};

}  // namespace caravel::storage
