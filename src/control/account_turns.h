#pragma once

#include <deque>
#include <map>

#include "base/mutex.h"
#include "control/thread_pool.h"
#include "registry/published.h"

namespace caravel::api {

// Threads for the work of requests, which may take seconds, shared by accounts:
// of each account a few tasks run at a time, and accounts take turns. What an
// account has more of waits behind the first of each other account.
//
// Threads: Post() from any. The destructor, from the owner's thread, drops what
// has not begun, waits for what runs, and joins.
class AccountTurns {
 public:
  using Task = ThreadPool::Task;

  // `longest_queue`: how many tasks of one account may wait; `at_once`: how
  // many run.
  AccountTurns(size_t threads, size_t longest_queue, size_t at_once = 1);
  AccountTurns(const AccountTurns&) = delete;
  AccountTurns& operator=(const AccountTurns&) = delete;

  // Queues `task`; false, and `task` dropped, when too many of the account
  // wait.
  [[nodiscard]] bool Post(const registry::AccountId& id, Task task);

 private:
  struct Account {
    std::deque<Task> waiting;
    size_t queued = 0;  // turns in the pool's queue, each for one that waits
    size_t running = 0;
  };

  void RunNext(const registry::AccountId& id);
  // A turn of the account is over: the next comes behind those of all others.
  void EndTurn(const registry::AccountId& id);
  void QueueTurn(const registry::AccountId& id, Account& account)
      CARAVEL_REQUIRES(mutex_);

  const size_t longest_queue_;
  const size_t at_once_;
  base::Mutex mutex_;
  // Those of which something waits or runs.
  std::map<registry::AccountId, Account> accounts_ CARAVEL_GUARDED_BY(mutex_);
  ThreadPool pool_;  // its queue: `at_once` turns an account
};

}  // namespace caravel::api
