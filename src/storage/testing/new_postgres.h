#pragma once

#include <string>

#include "storage/testing/test_database.h"

// Databases on one PostgreSQL server, which starts with the first of them and
// ends behind the last test of the program.
namespace caravel::storage {

// An empty database, or why there is none: the server is not installed.
TestDatabase NewPostgres();

// Only its address. Requires: the server is installed.
std::string NewPostgresAddress();

inline constexpr const char* kNoPostgres =
    "PostgreSQL 15 is not installed (Debian package postgresql-15)";

}  // namespace caravel::storage
