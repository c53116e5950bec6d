#include "storage/migrations.h"

#include <string>

namespace caravel::storage {
namespace {

constexpr std::string_view kLockName = "schema";

constexpr std::string_view kTable = R"(
  CREATE TABLE IF NOT EXISTS schema_migrations (
    room TEXT NOT NULL,
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    contracts INTEGER NOT NULL,
    PRIMARY KEY (room, number)
  )
)";

Error WrongProgram(std::string message) {
  return Error(ErrorCode::kConflict, std::move(message))
      .Remedy(
          "run the version that made this database or a newer one, or restore "
          "a backup that this version made");
}

// How many of the list are applied, in order; the rest is to do.
Result<size_t> CountApplied(Transaction& transaction, std::string_view room,
                            std::span<const Migration> migrations) {
  CARAVEL_TRY(const std::vector<SqlRow> rows,
              transaction.Query("SELECT number, name, contracts FROM "
                                "schema_migrations WHERE room = ? "
                                "ORDER BY number",
                                room));
  size_t known = 0;
  for (const SqlRow& row : rows) {
    const uint64_t number = row.Unsigned(0);
    const std::string& name = row.Text(1);
    if (number <= migrations.size()) {
      const std::string_view mine = migrations[number - 1].name;
      if (name != mine) {
        return WrongProgram(fmt::format(
            "schema of \"{}\": migration {} is \"{}\" in the database and "
            "\"{}\" in this program",
            room, number, name, mine));
      }
      ++known;
    } else if (row.Flag(2)) {
      return WrongProgram(fmt::format(
          "schema of \"{}\": migration {} \"{}\", which this program does not "
          "know, removed what it needs",
          room, number, name));
    }
  }
  return known;
}

// Applies the first that is missing; false when none is.
Result<bool> ApplyNext(Transaction& transaction, std::string_view room,
                       std::span<const Migration> migrations) {
  CARAVEL_TRY(transaction.Lock(kLockName));
  CARAVEL_TRY(transaction.ExecuteScript(kTable));
  CARAVEL_TRY(const size_t applied,
              CountApplied(transaction, room, migrations));
  if (applied == migrations.size()) return false;
  const Migration& next = migrations[applied];
  CARAVEL_TRY(transaction.ExecuteScript(next.sql).In(fmt::format(
      "migration {} \"{}\" of \"{}\"", applied + 1, next.name, room)));
  CARAVEL_TRY(transaction.Execute(
      "INSERT INTO schema_migrations (room, number, name, contracts) "
      "VALUES (?, ?, ?, ?)",
      room, applied + 1, next.name, next.step == Migration::Step::kContract));
  return true;
}

}  // namespace

Status Migrate(Database& database, std::string_view room,
               std::span<const Migration> migrations) {
  for (bool more = true; more;) {
    CARAVEL_TRY(more, database.Transact([&](Transaction& transaction) {
      return ApplyNext(transaction, room, migrations);
    }));
  }
  return {};
}

}  // namespace caravel::storage
