#pragma once

#include <deque>
#include <map>

#include "base/mutex.h"
#include "control/thread_pool.h"
#include "registry/published.h"

namespace caravel::api {

// Threads for work that takes seconds, shared by accounts: of each account one
// task runs at a time, and accounts take turns. What an account has more of
// waits behind the first of each other account.
//
// Threads: Post() from any. The destructor, from the owner's thread, drops what
// has not begun, waits for what runs, and joins.
class AccountTurns {
 public:
  using Task = ThreadPool::Task;

  // `longest_queue`: how many tasks of one account may wait.
  AccountTurns(size_t threads, size_t longest_queue);
  AccountTurns(const AccountTurns&) = delete;
  AccountTurns& operator=(const AccountTurns&) = delete;

  // Queues `task`; false, and `task` dropped, when too many of the account
  // wait.
  [[nodiscard]] bool Post(const registry::AccountId& account, Task task);

 private:
  void RunNext(const registry::AccountId& account);
  // The account's turn is over: the next comes behind those of all others.
  void EndTurn(const registry::AccountId& account);
  void QueueTurn(const registry::AccountId& account) CARAVEL_REQUIRES(mutex_);

  const size_t longest_queue_;
  base::Mutex mutex_;
  // What waits, by account: one that is here has a turn that runs or is queued.
  std::map<registry::AccountId, std::deque<Task>> waiting_
      CARAVEL_GUARDED_BY(mutex_);
  ThreadPool pool_;  // its queue: one turn an account
};

}  // namespace caravel::api
