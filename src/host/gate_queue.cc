#include "host/gate_queue.h"

#include <set>
#include <utility>

namespace caravel::host {

bool GateQueue::IsOpen(const runtime::OutboxEntry& entry) const {
  if (!entry.gate) return true;
  const auto durable = durable_.find(entry.gate->cell);
  return durable != durable_.end() && durable->second >= entry.gate->commit;
}

void GateQueue::Push(runtime::OutboxEntry& entry) {
  if (!waiting_of_.contains(entry.invocation) && IsOpen(entry)) {
    carry_out_(entry);
    return;
  }
  ++waiting_of_[entry.invocation];
  waiting_.push_back(std::move(entry));
}

void GateQueue::Opened(uint64_t cell, uint64_t commit) {
  uint64_t& durable = durable_[cell];
  durable = std::max(durable, commit);
  // What stays behind keeps its invocation's later entries behind it.
  std::deque<runtime::OutboxEntry> waiting = std::exchange(waiting_, {});
  waiting_of_.clear();
  for (runtime::OutboxEntry& entry : waiting) Push(entry);
}

void GateQueue::Failed(
    uint64_t cell, const std::function<void(runtime::InvocationId)>& broken) {
  std::set<runtime::InvocationId> concerned;
  for (const runtime::OutboxEntry& entry : waiting_) {
    if (entry.gate && entry.gate->cell == cell && !IsOpen(entry)) {
      concerned.insert(entry.invocation);
    }
  }
  std::deque<runtime::OutboxEntry> waiting = std::exchange(waiting_, {});
  waiting_of_.clear();
  for (runtime::OutboxEntry& entry : waiting) {
    if (!concerned.contains(entry.invocation)) Push(entry);
  }
  for (const runtime::InvocationId invocation : concerned) broken(invocation);
}

}  // namespace caravel::host
