#pragma once

#include <string_view>

#include "base/result.h"

// What engines report alike, in the same words, whichever engine found it.
namespace caravel::storage {

// kConflict: `table "workers": a row with this account, name exists already`.
Error DuplicateRow(std::string_view table, std::string_view columns);

// kConflict: a foreign key would point nowhere.
Error BrokenReference();

// kInternal: a bug of the caller, see Transaction::Query().
Error WentOnAfterFailure();

}  // namespace caravel::storage
