#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "storage/database.h"

// The seam to an append-only log: topics of records, each topic numbered from 1
// without gaps. A record is appended within the transaction that makes the
// change which it reports, so neither exists without the other. Subscribers are
// woken behind COMMIT and then read: what wakes them carries no data, and a
// wake-up lost between processes costs time only, as implementations that reach
// other processes also poll. Passes storage/log_contract.h.
namespace caravel::storage {

struct LogRecord {
  uint64_t sequence = 0;
  std::string bytes;
  bool operator==(const LogRecord&) const = default;
};

// Threads: any; calls block, except Subscribe().
class Log {
 public:
  virtual ~Log() = default;

  // The record's number. Appends to a topic follow each other: a second
  // transaction waits here until the first has ended, so numbers become visible
  // in their order.
  virtual Result<uint64_t> Append(Transaction& transaction,
                                  std::string_view topic,
                                  std::string_view bytes) = 0;

  // At most `limit` records behind number `after`, oldest first. kNotFound when
  // records behind `after` were trimmed: the reader starts anew from the state
  // that the topic describes.
  virtual Result<std::vector<LogRecord>> ReadAfter(Transaction& transaction,
                                                   std::string_view topic,
                                                   uint64_t after,
                                                   size_t limit) = 0;

  // The number of the newest record; 0 when there was never one.
  virtual Result<uint64_t> Newest(Transaction& transaction,
                                  std::string_view topic) = 0;

  // Drops records up to and including `sequence`. Numbers go on where they
  // were.
  virtual Status Trim(Transaction& transaction, std::string_view topic,
                      uint64_t sequence) = 0;

  // Ends on destruction: `wake` does not run any more once that has returned.
  class Subscription {
   public:
    virtual ~Subscription() = default;
  };

  // Calls `wake` after each commit that appended to `topic`, from the thread
  // that committed. `wake` is brief (it posts to a loop), and neither uses the
  // database nor subscribes or ends a subscription.
  virtual std::unique_ptr<Subscription> Subscribe(
      std::string_view topic, std::function<void()> wake) = 0;
};

}  // namespace caravel::storage
