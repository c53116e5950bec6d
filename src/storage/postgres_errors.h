#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace caravel::storage {

// What the server reported (PostgreSQL manual, "Error and Notice Message
// Fields"); `state` is empty when there was no answer at all.
struct PostgresFailure {
  std::string state;    // SQLSTATE
  std::string message;  // primary message
  std::string detail;
  std::string table;
};

// The Error for it, in the words that SQLite's errors have too.
Error PostgresError(const PostgresFailure& failure, std::string_view sql);

// Whether another transaction stood in the way: try again.
bool IsPostgresConflict(std::string_view state);

// kDenied: the server does not let this user in.
Error PostgresDenied(std::string_view message);

// kUnavailable: the server could not be reached, or went away.
Error PostgresAway(std::string_view message);

}  // namespace caravel::storage
