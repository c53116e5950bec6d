#include "storage/database_log.h"

#include "storage/log_contract.h"
#include "storage/testing/new_sqlite.h"

namespace caravel::storage {
namespace {

TestLog MakeLogOnSqlite() {
  TestLog test;
  test.database = NewSqlite();
  test.log = DatabaseLog::Open(*test.database.database).value();
  return test;
}

INSTANTIATE_TEST_SUITE_P(Sqlite, LogContract,
                         ::testing::Values(&MakeLogOnSqlite),
                         [](const auto&) { return "Log"; });

}  // namespace
}  // namespace caravel::storage
