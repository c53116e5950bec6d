#pragma once

#include <functional>
#include <string>
#include <utility>

#include "net/exchange.h"

namespace caravel::host {

// The asker of a scheduled event: tells once how the handler ended.
//
// Threads: the one that drives the shard.
class ScheduledRun final : public net::Asker {
 public:
  // Gets what went wrong; empty: nothing did.
  using Ended = std::function<void(std::string error)>;

  explicit ScheduledRun(Ended ended) : ended_(std::move(ended)) {}

  void Respond(const net::ResponseHead&, std::string_view) override {
    ended_({});
  }
  // A handler answers whole, or fails.
  void RespondStart(const net::ResponseHead&) override {}
  void RespondBody(std::string_view) override {}
  void RespondEnd() override { ended_({}); }
  void RespondAbort(const Error& why) override { ended_(why.message()); }
  void GrantRequestBody(uint64_t) override {}

 private:
  const Ended ended_;
};

}  // namespace caravel::host
