#include "storage/database_log.h"

#include "storage/log_contract.h"
#include "storage/sqlite_database.h"
#include "storage/testing/temp_folder.h"

namespace caravel::storage {
namespace {

TestLog MakeLogOnSqlite() {
  const auto folder = std::make_shared<TempFolder>();
  TestLog test;
  test.database.ground = folder;
  test.database.database = SqliteDatabase::Open(*folder / "log.db").value();
  test.log = DatabaseLog::Open(*test.database.database).value();
  return test;
}

INSTANTIATE_TEST_SUITE_P(Sqlite, LogContract,
                         ::testing::Values(&MakeLogOnSqlite),
                         [](const auto&) { return "Log"; });

}  // namespace
}  // namespace caravel::storage
