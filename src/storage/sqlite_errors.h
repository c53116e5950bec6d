#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace caravel::storage {

// What an SQLite call reported.
struct SqliteFailure {
  int code = 0;          // extended result code
  int system_error = 0;  // errno behind it, 0 for none
  std::string message;   // sqlite3_errmsg
};

// The Error for it: the code by what the caller can do, the file named, the
// remedy where the operator has one. `sql` is named when it is at fault.
Error SqliteError(const SqliteFailure& failure, const std::string& path,
                  std::string_view sql);

}  // namespace caravel::storage
