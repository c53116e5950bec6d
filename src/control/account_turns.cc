#include "control/account_turns.h"

#include <limits>

namespace caravel::api {

AccountTurns::AccountTurns(size_t threads, size_t longest_queue)
    : longest_queue_(longest_queue),
      pool_(threads, std::numeric_limits<size_t>::max()) {}

bool AccountTurns::Post(const registry::AccountId& account, Task task) {
  const base::MutexLock lock(mutex_);
  const auto [found, has_no_turn] = waiting_.try_emplace(account);
  if (found->second.size() >= longest_queue_) return false;
  found->second.push_back(std::move(task));
  if (has_no_turn) QueueTurn(account);
  return true;
}

void AccountTurns::QueueTurn(const registry::AccountId& account) {
  // Refused only once the pool stops, which drops what waits.
  (void)pool_.Post([this, account] { RunNext(account); });
}

void AccountTurns::RunNext(const registry::AccountId& account) {
  Task task;
  {
    const base::MutexLock lock(mutex_);
    std::deque<Task>& tasks = waiting_.at(account);
    task = std::move(tasks.front());
    tasks.pop_front();
  }
  task();
  task = nullptr;  // what it holds goes before the next begins
  EndTurn(account);
}

void AccountTurns::EndTurn(const registry::AccountId& account) {
  const base::MutexLock lock(mutex_);
  const auto found = waiting_.find(account);
  if (found->second.empty()) {
    waiting_.erase(found);
  } else {
    QueueTurn(account);
  }
}

}  // namespace caravel::api
