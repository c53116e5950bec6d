#pragma once

#include <memory>
#include <unordered_map>

#include "base/fd.h"
#include "base/result.h"
#include "net/byte_shares.h"
#include "net/event_loop.h"

namespace caravel::daemon {

// Keeps what counts memory for as long as another process may not have read
// what lies in it: the end of a pipe travels along with the descriptor of that
// memory. When it is closed, there or because the process has ended, nobody has
// the memory from us any more. So a host that does not read is counted too.
//
// Threads: the one that drives the loop.
class SentHolds {
 public:
  // `loop` outlives this.
  explicit SentHolds(net::EventLoop& loop);
  ~SentHolds();
  SentHolds(const SentHolds&) = delete;
  SentHolds& operator=(const SentHolds&) = delete;

  // What is to travel along. Its other end is a descriptor of this process.
  Result<base::Fd> Add(net::ByteShares::Hold hold);

  size_t size() const { return sent_.size(); }

 private:
  class Sent;

  net::EventLoop& loop_;
  std::unordered_map<int, std::unique_ptr<Sent>> sent_;  // by descriptor
};

}  // namespace caravel::daemon
