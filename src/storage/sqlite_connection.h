#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "storage/sql_value.h"

struct sqlite3;
struct sqlite3_stmt;

namespace caravel::storage {

// One connection to an SQLite file: statements in, answers and Errors out. The
// file is in WAL mode and synced on each commit (synchronous=FULL).
//
// Threads: one at a time (SQLITE_THREADSAFE=2).
class SqliteConnection {
 public:
  // Opens or makes the file at `path`, whose folder exists. A file of at most
  // kCheckedBytes is checked whole, a larger one as far as its schema.
  // kInternal when it is corrupt, kDenied when it may not be written, both with
  // the path and the remedy.
  static Result<std::unique_ptr<SqliteConnection>> Open(std::string path);

  static constexpr uint64_t kCheckedBytes = 32 << 20;

  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;
  ~SqliteConnection();

  // One statement. Requires: as many values as placeholders.
  Result<SqlAnswer> Run(std::string_view sql, std::span<const SqlValue> values);
  Status ExecuteScript(std::string_view sql);

  // From now on statements that write are kInvalid, or allowed again.
  void RefuseWrites(bool refuse) { refuse_writes_ = refuse; }

  bool in_transaction() const;

  // Whether a statement failed since the last call because another process
  // held the file.
  bool TakeConflict() { return std::exchange(conflict_, false); }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  struct Close {
    void operator()(sqlite3* handle) const;
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

  explicit SqliteConnection(std::string path) : path_(std::move(path)) {}

  Status SetUp();
  Status CheckFile();
  Result<sqlite3_stmt*> Prepare(std::string_view sql);
  Result<SqlAnswer> Step(sqlite3_stmt* statement, std::string_view sql);
  Error Failure(int code, std::string_view sql);

  const std::string path_;
  std::unique_ptr<sqlite3, Close> handle_;
  std::unordered_map<std::string, Statement> statements_;  // by their text
  bool refuse_writes_ = false;
  bool conflict_ = false;
};

}  // namespace caravel::storage
