#pragma once

#include <string>
#include <string_view>

namespace caravel::storage {

// The common SQL of storage/database.h as PostgreSQL takes it: `?` becomes $1,
// $2 …; INTEGER, REAL and BLOB become BIGINT, DOUBLE PRECISION and BYTEA. What
// stands in quotes or comments stays as it is.
std::string ToPostgresSql(std::string_view sql);

}  // namespace caravel::storage
