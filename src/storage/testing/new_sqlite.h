#pragma once

#include "storage/testing/test_database.h"

namespace caravel::storage {

// An empty SQLite database in a folder of its own.
TestDatabase NewSqlite();

}  // namespace caravel::storage
