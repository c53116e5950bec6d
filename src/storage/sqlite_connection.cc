#include "storage/sqlite_connection.h"

#include <sqlite3.h>

#include <cerrno>
#include <type_traits>
#include <variant>

#include "storage/sqlite_errors.h"

namespace caravel::storage {
namespace {

// Another process may hold the file for a moment: a backup, a shell.
constexpr int kBusyTimeoutMs = 2000;

// More distinct statements than the program has; bounds a caller that builds
// them.
constexpr size_t kMaxCachedStatements = 256;

int BindValue(sqlite3_stmt* statement, int index, const SqlValue& value) {
  return std::visit(
      [&](const auto& held) {
        using T = std::remove_cvref_t<decltype(held)>;
        if constexpr (std::is_same_v<T, std::monostate>) {
          return sqlite3_bind_null(statement, index);
        } else if constexpr (std::is_same_v<T, int64_t>) {
          return sqlite3_bind_int64(statement, index, held);
        } else if constexpr (std::is_same_v<T, double>) {
          return sqlite3_bind_double(statement, index, held);
        } else if constexpr (std::is_same_v<T, std::string>) {
          return sqlite3_bind_text64(statement, index, held.data(), held.size(),
                                     SQLITE_STATIC, SQLITE_UTF8);
        } else {
          return sqlite3_bind_blob64(statement, index, held.data.data(),
                                     held.data.size(), SQLITE_STATIC);
        }
      },
      value.storage());
}

SqlValue ReadColumn(sqlite3_stmt* statement, int column) {
  const auto text_of = [&](const void* data) {
    return std::string(
        static_cast<const char*>(data),
        static_cast<size_t>(sqlite3_column_bytes(statement, column)));
  };
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return static_cast<int64_t>(sqlite3_column_int64(statement, column));
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement, column);
    case SQLITE_TEXT:
      return text_of(sqlite3_column_text(statement, column));
    case SQLITE_BLOB: {
      const void* data = sqlite3_column_blob(statement, column);
      return data == nullptr ? Bytes{} : Bytes{text_of(data)};
    }
    default:
      return {};
  }
}

SqlRow ReadRow(sqlite3_stmt* statement) {
  const int count = sqlite3_column_count(statement);
  std::vector<SqlValue> values;
  values.reserve(static_cast<size_t>(count));
  for (int column = 0; column < count; ++column) {
    values.push_back(ReadColumn(statement, column));
  }
  return SqlRow(std::move(values));
}

}  // namespace

void SqliteConnection::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

void SqliteConnection::Close::operator()(sqlite3* handle) const {
  sqlite3_close(handle);
}

SqliteConnection::~SqliteConnection() = default;

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::Open(
    std::string path) {
  std::unique_ptr<SqliteConnection> connection(
      new SqliteConnection(std::move(path)));
  CARAVEL_TRY(connection->SetUp());
  CARAVEL_TRY(connection->CheckFile());
  return connection;
}

Status SqliteConnection::SetUp() {
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(path_.c_str(), &handle,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
                          SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_NOFOLLOW,
                      nullptr);
  handle_.reset(handle);
  if (code != SQLITE_OK) return Failure(code, "open");
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  return ExecuteScript(
      "PRAGMA trusted_schema = OFF;"
      "PRAGMA cell_size_check = ON;"
      "PRAGMA journal_mode = WAL;"
      "PRAGMA synchronous = FULL;"
      "PRAGMA foreign_keys = ON");
}

Status SqliteConnection::CheckFile() {
  CARAVEL_TRY(const SqlAnswer size,
              Run("SELECT p.page_count * s.page_size FROM pragma_page_count p, "
                  "pragma_page_size s",
                  {}));
  if (size.rows[0].Unsigned(0) > kCheckedBytes) return {};
  CARAVEL_TRY(const SqlAnswer found, Run("PRAGMA quick_check(1)", {}));
  const std::string& first = found.rows[0].Text(0);
  if (first == "ok") return {};
  return SqliteError({SQLITE_CORRUPT, 0, first}, path_, "");
}

Error SqliteConnection::Failure(int code, std::string_view sql) {
  conflict_ |= (code & 0xFF) == SQLITE_BUSY || (code & 0xFF) == SQLITE_LOCKED;
  if (handle_ == nullptr) {
    return SqliteError({code, ENOMEM, sqlite3_errstr(code)}, path_, sql);
  }
  return SqliteError({code, sqlite3_system_errno(handle_.get()),
                      sqlite3_errmsg(handle_.get())},
                     path_, sql);
}

Result<sqlite3_stmt*> SqliteConnection::Prepare(std::string_view sql) {
  const auto found = statements_.find(std::string(sql));
  if (found != statements_.end()) return found->second.get();
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v3(handle_.get(), sql.data(),
                                      static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  Statement statement(raw);
  if (code != SQLITE_OK) return Failure(code, sql);
  CARAVEL_CHECK(raw != nullptr, sql);
  if (statements_.size() == kMaxCachedStatements) statements_.clear();
  return statements_.emplace(sql, std::move(statement)).first->second.get();
}

Result<SqlAnswer> SqliteConnection::Run(std::string_view sql,
                                        std::span<const SqlValue> values) {
  CARAVEL_TRY(sqlite3_stmt * statement, Prepare(sql));
  const auto expected =
      static_cast<size_t>(sqlite3_bind_parameter_count(statement));
  CARAVEL_CHECK(expected == values.size(), expected, values.size(), sql);
  if (refuse_writes_ && sqlite3_stmt_readonly(statement) == 0) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("a read transaction cannot write: {}", sql));
  }
  for (size_t i = 0; i < values.size(); ++i) {
    const int code = BindValue(statement, static_cast<int>(i) + 1, values[i]);
    if (code != SQLITE_OK) return Failure(code, sql);
  }
  Result<SqlAnswer> answer = Step(statement, sql);
  // The failure, if any, was reported by sqlite3_step() already.
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  return answer;
}

Result<SqlAnswer> SqliteConnection::Step(sqlite3_stmt* statement,
                                         std::string_view sql) {
  SqlAnswer answer;
  const int64_t changes_before = sqlite3_total_changes64(handle_.get());
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    answer.rows.push_back(ReadRow(statement));
  }
  if (code != SQLITE_DONE) return Failure(code, sql);
  // Statements that change nothing leave sqlite3_changes() as it was.
  if (sqlite3_total_changes64(handle_.get()) != changes_before) {
    answer.changed = static_cast<uint64_t>(sqlite3_changes64(handle_.get()));
  }
  return answer;
}

Status SqliteConnection::ExecuteScript(std::string_view sql) {
  if (refuse_writes_) {
    return Error(ErrorCode::kInvalid, "a read transaction runs no script");
  }
  const int code = sqlite3_exec(handle_.get(), std::string(sql).c_str(),
                                nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return Failure(code, sql);
  return {};
}

bool SqliteConnection::in_transaction() const {
  return sqlite3_get_autocommit(handle_.get()) == 0;
}

}  // namespace caravel::storage
