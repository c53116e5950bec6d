#pragma once

#include <memory>
#include <vector>

#include "host/error_page.h"
#include "net/exchange.h"

namespace caravel::host {

// Answers requests that no isolate gets. An answer may not be given from within
// Target::Start(), so it waits here for the shard's next step.
//
// Threads: the one that drives the shard.
class Refusals {
 public:
  Refusals();
  ~Refusals();

  net::Answerer& Add(net::Asker& asker, ErrorAnswer answer);
  // To a Worker that asked.
  net::Answerer& Add(net::Asker& asker, Error why);
  bool empty() const { return waiting_.empty(); }
  void GiveAll();

 private:
  class Answerer;

  std::vector<std::unique_ptr<Answerer>> waiting_;
};

}  // namespace caravel::host
