#include "control/account_turns.h"

#include <limits>

namespace caravel::api {

AccountTurns::AccountTurns(size_t threads, size_t longest_queue, size_t at_once)
    : longest_queue_(longest_queue),
      at_once_(at_once),
      pool_(threads, std::numeric_limits<size_t>::max()) {}

bool AccountTurns::Post(const registry::AccountId& id, Task task) {
  const base::MutexLock lock(mutex_);
  const auto found = accounts_.find(id);
  if (found != accounts_.end() &&
      found->second.waiting.size() >= longest_queue_) {
    return false;
  }
  Account& account = accounts_[id];
  account.waiting.push_back(std::move(task));
  if (account.queued + account.running < at_once_) QueueTurn(id, account);
  return true;
}

void AccountTurns::QueueTurn(const registry::AccountId& id, Account& account) {
  ++account.queued;
  // Refused only once the pool stops, which drops what waits.
  (void)pool_.Post([this, id] { RunNext(id); });
}

void AccountTurns::RunNext(const registry::AccountId& id) {
  Task task;
  {
    const base::MutexLock lock(mutex_);
    Account& account = accounts_.at(id);
    --account.queued;
    ++account.running;
    task = std::move(account.waiting.front());
    account.waiting.pop_front();
  }
  task();
  task = nullptr;  // what it holds goes before the next begins
  EndTurn(id);
}

void AccountTurns::EndTurn(const registry::AccountId& id) {
  const base::MutexLock lock(mutex_);
  const auto found = accounts_.find(id);
  Account& account = found->second;
  --account.running;
  if (account.waiting.size() > account.queued) {
    QueueTurn(id, account);
  } else if (account.queued + account.running == 0) {
    accounts_.erase(found);
  }
}

}  // namespace caravel::api
