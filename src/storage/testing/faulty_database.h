#pragma once

#include "storage/database.h"

namespace caravel::storage {

// For tests: passes transactions on to `database` and lets the `fail_at`-th
// statement fail, counted from 1 over all transactions; a COMMIT counts too.
// A test runs with fail_at = 1, 2, 3 … until failed() stays false. Threads:
// one.
class FaultyDatabase final : public Database {
 public:
  FaultyDatabase(Database& database, int fail_at)
      : database_(database), fail_at_(fail_at) {}

  bool failed() const { return statements_ >= fail_at_; }

  Attempt TryOnce(Mode mode, const Body& body) override {
    return database_.TryOnce(mode, [&](Transaction& transaction) -> Status {
      Faulty faulty(transaction, *this);
      CARAVEL_TRY(body(faulty));
      return Count();
    });
  }

 private:
  class Faulty final : public Transaction {
   public:
    Faulty(Transaction& transaction, FaultyDatabase& owner)
        : transaction_(transaction), owner_(owner) {}

    Result<SqlAnswer> Run(std::string_view sql,
                          std::span<const SqlValue> values) override {
      CARAVEL_TRY(owner_.Count());
      return transaction_.Run(sql, values);
    }
    Status ExecuteScript(std::string_view sql) override {
      CARAVEL_TRY(owner_.Count());
      return transaction_.ExecuteScript(sql);
    }
    Status Lock(std::string_view name) override {
      CARAVEL_TRY(owner_.Count());
      return transaction_.Lock(name);
    }
    void AfterCommit(std::function<void()> done) override {
      transaction_.AfterCommit(std::move(done));
    }

   private:
    Transaction& transaction_;
    FaultyDatabase& owner_;
  };

  Status Count() {
    if (++statements_ != fail_at_) return {};
    return Error(ErrorCode::kUnavailable,
                 fmt::format("injected failure of statement {}", statements_));
  }

  Database& database_;
  const int fail_at_;
  int statements_ = 0;
};

}  // namespace caravel::storage
