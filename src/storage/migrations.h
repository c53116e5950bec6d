#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"
#include "storage/database.h"

// Schema changes: each room has an ordered list and hands it to Migrate() when
// it starts. A list only ever grows at its end.
namespace caravel::storage {

struct Migration {
  // kExpand adds what older code does not mind: older code goes on working with
  // the database. kContract takes away what no running code uses any more, a
  // release after the last user went: code that does not know it must not run.
  enum class Step : uint8_t { kExpand, kContract };

  std::string_view name;  // "workers": stored, and compared when started again
  Step step = Step::kExpand;
  std::string_view sql;  // statements with `;` between them
};

// Applies what is missing, each migration in a transaction of its own, under a
// lock, so that several processes may start at once. Changes nothing when all
// are applied. `room` keeps the lists of different rooms apart.
//
// kConflict: the database has another migration in a place of the list, or one
// that contracted what this program still uses.
Status Migrate(Database& database, std::string_view room,
               std::span<const Migration> migrations);

}  // namespace caravel::storage
