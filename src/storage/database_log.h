#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "storage/log.h"

namespace caravel::storage {

// A Log in tables of a Database. Wakes subscribers of this process.
class DatabaseLog final : public Log {
 public:
  // Brings the tables up to date. `database` outlives the log, and is the one
  // whose transactions are handed to it.
  static Result<std::unique_ptr<DatabaseLog>> Open(Database& database);
  ~DatabaseLog() override;

  Result<uint64_t> Append(Transaction& transaction, std::string_view topic,
                          std::string_view bytes) override;
  Result<std::vector<LogRecord>> ReadAfter(Transaction& transaction,
                                           std::string_view topic,
                                           uint64_t after,
                                           size_t limit) override;
  Result<uint64_t> Newest(Transaction& transaction,
                          std::string_view topic) override;
  Status Trim(Transaction& transaction, std::string_view topic,
              uint64_t sequence) override;
  std::unique_ptr<Subscription> Subscribe(std::string_view topic,
                                          std::function<void()> wake) override;

 private:
  class Subscribers;
  class Ticket;

  DatabaseLog();

  const std::shared_ptr<Subscribers> subscribers_;
};

}  // namespace caravel::storage
