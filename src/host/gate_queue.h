#pragma once

#include <deque>
#include <functional>
#include <unordered_map>

#include "runtime/outbox.h"

namespace caravel::host {

// Holds back what an isolate may say only once a write is durable (the output
// gate; docs/architecture.md, "Gates"). Entries without a gate pass, unless one
// of the same invocation waits: the entries of an invocation never overtake
// each other. Commits of a cell are reported in order, so that one report opens
// all gates up to it.
//
// Threads: the one that drives the shard.
class GateQueue {
 public:
  using CarryOut = std::function<void(runtime::OutboxEntry&)>;

  explicit GateQueue(CarryOut carry_out) : carry_out_(std::move(carry_out)) {}

  // Carries `entry` out now, or takes it and keeps it until its gate and those
  // in front of it have opened.
  void Push(runtime::OutboxEntry& entry);

  // All commits of `cell` up to `commit` are durable.
  void Opened(uint64_t cell, uint64_t commit);

  // The cell cannot be written any more: what waits for it is dropped, and each
  // invocation concerned is told by `broken`, once.
  void Failed(uint64_t cell,
              const std::function<void(runtime::InvocationId)>& broken);

  bool empty() const { return waiting_.empty(); }

 private:
  bool IsOpen(const runtime::OutboxEntry& entry) const;

  CarryOut carry_out_;
  std::deque<runtime::OutboxEntry> waiting_;
  // How many entries of each invocation wait.
  std::unordered_map<runtime::InvocationId, size_t> waiting_of_;
  std::unordered_map<uint64_t, uint64_t> durable_;  // commit by cell
};

}  // namespace caravel::host
