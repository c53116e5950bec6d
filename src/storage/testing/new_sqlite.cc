#include "storage/testing/new_sqlite.h"

#include "storage/sqlite_database.h"
#include "storage/testing/temp_folder.h"

namespace caravel::storage {

TestDatabase NewSqlite() {
  const auto folder = std::make_shared<TempFolder>();
  const std::string path = *folder / "test.db";
  const auto open = [path]() -> std::unique_ptr<Database> {
    return SqliteDatabase::Open(path).value();
  };
  return {.ground = folder,
          .database = open(),
          .open_again = open,
          .unavailable = ""};
}

}  // namespace caravel::storage
