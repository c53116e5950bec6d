#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "storage/sql_value.h"

struct pg_conn;
struct pg_result;

namespace caravel::storage {

// One connection to a PostgreSQL server (15 or newer): statements in the common
// SQL in, answers and Errors out.
//
// Threads: one at a time.
class PostgresConnection {
 public:
  // `address` is a libpq connection string or URI. kUnavailable when nobody
  // answers within 5 s or the server is starting or stopping; kDenied when it
  // does not let this user in.
  static Result<std::unique_ptr<PostgresConnection>> Open(
      const std::string& address);

  PostgresConnection(const PostgresConnection&) = delete;
  PostgresConnection& operator=(const PostgresConnection&) = delete;
  ~PostgresConnection();

  // One statement.
  Result<SqlAnswer> Run(std::string_view sql, std::span<const SqlValue> values);
  Status ExecuteScript(std::string_view sql);

  // Broken connections stay broken.
  bool is_broken() const;

  // Whether a statement failed since the last call because of a conflict with
  // another transaction, so that trying again may succeed.
  bool TakeConflict() { return std::exchange(conflict_, false); }

 private:
  struct Finish {
    void operator()(pg_conn* handle) const;
  };
  struct Clear {
    void operator()(pg_result* result) const;
  };
  using Answer = std::unique_ptr<pg_result, Clear>;

  explicit PostgresConnection(pg_conn* handle) : handle_(handle) {}

  Status CheckAnswer(const Answer& answer, std::string_view sql);

  const std::unique_ptr<pg_conn, Finish> handle_;
  bool conflict_ = false;
};

}  // namespace caravel::storage
