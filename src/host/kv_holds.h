#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>

#include "net/byte_shares.h"

namespace caravel::host {

// Counts what questions to KV, and answers that nobody has come to read, take
// of the host's memory. An isolate has a limit, whoever its account is; that of
// the host accounts share, however many isolates one has (net/byte_shares.h).
//
// Threads: any; a hold may outlive this.
class KvHolds {
 public:
  struct Limits {
    size_t isolate = 64 << 20;
    size_t host = 256 << 20;
  };
  // Of an isolate.
  using Counter = std::shared_ptr<std::atomic<size_t>>;
  using Hold = net::ByteShares::Hold;

  KvHolds() : KvHolds(Limits()) {}
  explicit KvHolds(const Limits& limits)
      : limits_(limits), accounts_(limits.host) {}

  // Counts the bytes for as long as the hold lives; nullptr: the isolate or the
  // account has too many.
  Hold TryHold(const std::string& account, const Counter& isolate,
               size_t bytes);

 private:
  const Limits limits_;
  net::ByteShares accounts_;
};

}  // namespace caravel::host
