#pragma once

#include <memory>
#include <string>

#include "base/mutex.h"
#include "storage/database.h"
#include "storage/sqlite_connection.h"

namespace caravel::storage {

// A Database in one SQLite file, over one connection: transactions of this
// process follow each other, those of others are waited for.
class SqliteDatabase final : public Database {
 public:
  // See SqliteConnection::Open().
  static Result<std::unique_ptr<SqliteDatabase>> Open(std::string path);

  Attempt TryOnce(Mode mode, const Body& body) override;

 private:
  explicit SqliteDatabase(std::unique_ptr<SqliteConnection> connection)
      : connection_(std::move(connection)) {}

  // Commits, or rolls back when `status` is an error.
  Status Finish(Status status) CARAVEL_REQUIRES(mutex_);

  base::Mutex mutex_;
  const std::unique_ptr<SqliteConnection> connection_
      CARAVEL_GUARDED_BY(mutex_);
};

}  // namespace caravel::storage
