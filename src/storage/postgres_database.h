#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "storage/database.h"
#include "storage/postgres_connection.h"

namespace caravel::storage {

// A Database on a PostgreSQL server, over at most `connections` connections:
// made when first needed, replaced when broken. A transaction waits for a free
// one. Writes run as READ COMMITTED, reads see one snapshot.
class PostgresDatabase final : public Database {
 public:
  // Connects once, so that a wrong address shows at the start; see
  // PostgresConnection::Open().
  static Result<std::unique_ptr<PostgresDatabase>> Open(std::string address,
                                                        size_t connections);

  Attempt TryOnce(Mode mode, const Body& body) override;

 private:
  using Connection = std::unique_ptr<PostgresConnection>;

  PostgresDatabase(std::string address, size_t connections)
      : address_(std::move(address)), limit_(connections) {}

  // A connection in a transaction that has begun.
  Result<Connection> Begin(Mode mode);
  Connection TakeIdle();  // nothing: the caller makes one, it is counted
  void GiveBack(Connection connection);
  static Status Finish(PostgresConnection& connection, Status status);

  const std::string address_;
  const size_t limit_;
  base::Mutex mutex_;
  base::CondVar freed_;
  std::vector<Connection> idle_ CARAVEL_GUARDED_BY(mutex_);
  size_t in_use_ CARAVEL_GUARDED_BY(mutex_) = 0;
};

}  // namespace caravel::storage
