#include "storage/postgres_errors.h"

#include "storage/transaction_errors.h"

namespace caravel::storage {
namespace {

// The columns in "Key (account, name)=(a, b) already exists.".
std::string_view KeyColumns(std::string_view detail) {
  const size_t open = detail.find('(');
  const size_t close = detail.find(')');
  if (open == std::string_view::npos || close == std::string_view::npos) {
    return "key";
  }
  return detail.substr(open + 1, close - open - 1);
}

std::string WithoutNewline(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  return std::string(text);
}

}  // namespace

bool IsPostgresConflict(std::string_view state) {
  return state == "40001"      // serialization failure
         || state == "40P01"   // deadlock detected
         || state == "55P03"   // lock not available
         || state == "25P03";  // idle in transaction for too long
}

Error PostgresDenied(std::string_view message) {
  return Error(ErrorCode::kDenied,
               fmt::format("PostgreSQL: {}", WithoutNewline(message)))
      .Remedy("grant this user what is missing, or give another user");
}

Error PostgresAway(std::string_view message) {
  return Error(ErrorCode::kUnavailable,
               fmt::format("PostgreSQL is away: {}", WithoutNewline(message)))
      .Remedy("see that the server runs and accepts connections");
}

Error PostgresError(const PostgresFailure& failure, std::string_view sql) {
  const std::string_view state = failure.state;
  const std::string_view state_class = state.substr(0, 2);
  // Shutdown, crash of another session, starting up; a broken connection.
  if (state.starts_with("57P") || state_class == "08" || state.empty()) {
    return PostgresAway(failure.message);
  }
  if (state == "23505") {
    return DuplicateRow(failure.table, KeyColumns(failure.detail));
  }
  if (state == "23503") return BrokenReference();
  if (IsPostgresConflict(state)) {
    return Error(ErrorCode::kConflict, failure.message);
  }
  if (state == "53100") {
    return Error(ErrorCode::kNoSpace,
                 fmt::format("PostgreSQL: disk full: {}", failure.message))
        .Remedy("free space on the disk of the server, then try again");
  }
  if (state == "53300") {  // too many connections
    return Error(ErrorCode::kUnavailable,
                 fmt::format("PostgreSQL: {}", failure.message))
        .Remedy("raise max_connections of the server, or use fewer here");
  }
  if (state == "25006") {
    return Error(ErrorCode::kInvalid,
                 fmt::format("a read transaction cannot write: {}", sql));
  }
  if (state_class == "22" || state_class == "23") {
    return Error(
        ErrorCode::kInvalid,
        failure.table.empty()
            ? failure.message
            : fmt::format("table \"{}\": {}", failure.table, failure.message));
  }
  if (state == "42501" || state_class == "28") {
    return PostgresDenied(failure.message);
  }
  return Error(ErrorCode::kInternal, fmt::format("PostgreSQL: {} ({}) in: {}",
                                                 failure.message, state, sql));
}

}  // namespace caravel::storage
