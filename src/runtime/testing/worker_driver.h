#pragma once

#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "runtime/isolate.h"
#include "runtime/monitor.h"

namespace caravel::runtime {

// One isolate that runs one Worker, driven as a shard would: what arrives is
// given to Turn(), and what the Worker asks for is looked up in the outbox.
//
// Threads: one.
class WorkerDriver {
 protected:
  // `engine` outlives this.
  explicit WorkerDriver(const Engine& engine);

  // Loads a Worker into the isolate; the error, or "". The first module is the
  // main one. Requires: nothing is loaded.
  std::string Load(const std::vector<registry::Module>& modules,
                   const registry::Version& version);
  // Another isolate in place of this one, with nothing loaded.
  void Renew();

  // A request that arrives for the next turn; its id.
  InvocationId Arrive(const std::string& target,
                      const std::string& method = "GET");
  // The same of a POST whose body is still to arrive.
  InvocationId ArriveWithBody(const std::string& target);
  // The same of a GET that asks for a WebSocket, as a client does that
  // compresses nothing.
  InvocationId ArriveForWebSocket(const std::string& target);
  void Arrive(InboxEntry entry) { inbox_.push_back(std::move(entry)); }
  // One turn with what has arrived.
  void Turn();
  // Turns, with timers fired at once, until nothing is asked of the shard.
  void TurnUntilQuiet();
  // Forgets what was asked for.
  void ClearOutbox();

  // Of what was asked for so far: the whole answer to `id` as "STATUS BODY",
  // "error NUMBER", or "" when there is none.
  std::string Answer(InvocationId id) const;
  template <typename T>
  std::vector<T> Asked() const {
    std::vector<T> found;
    for (const OutboxEntry& entry : outbox_) {
      if (const T* action = std::get_if<T>(&entry.action)) {
        found.push_back(*action);
      }
    }
    return found;
  }

  base::SystemClock clock_;
  base::NullLog log_;
  Monitor monitor_;
  MonitoredGuard guard_;
  std::unique_ptr<Isolate> isolate_;
  std::string code_cache_;  // of the Worker that is loaded next
  Inbox inbox_;
  Outbox outbox_;

 private:
  const Engine& engine_;
  InvocationId last_id_ = -1;
  size_t timers_seen_ = 0;
};

}  // namespace caravel::runtime
