#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "runtime/isolate.h"
#include "runtime/monitor.h"

namespace caravel::runtime {

// A fixture with one isolate that runs one Worker, driven as a shard would:
// what arrives is given to Turn(), and what the Worker asks for is looked up in
// the outbox.
class IsolateFixture : public ::testing::Test {
 protected:
  IsolateFixture();

  // Loads a Worker of one module, "index.js"; the error, or "".
  std::string Load(const std::string& source, registry::Limits limits = {});
  // The same with further modules.
  std::string Load(std::vector<registry::Module> modules,
                   registry::Limits limits = {});

  // Of the Worker that is loaded next.
  std::string compatibility_date_;

  // A request that arrives for the next turn; its id.
  InvocationId Arrive(const std::string& target,
                      const std::string& method = "GET");
  // The same of a POST whose body is still to arrive.
  InvocationId ArriveWithBody(const std::string& target);
  void Arrive(InboxEntry entry) { inbox_.push_back(std::move(entry)); }
  // One turn with what has arrived.
  void Turn();

  // Turns, with timers fired at once, until nothing is asked of the shard.
  void TurnUntilQuiet();

  // Of what was asked for so far: the whole answer to `id` as "STATUS BODY",
  // "error NUMBER", or "" when there is none.
  std::string Answer(InvocationId id) const;
  // How it ended, or "" while it runs.
  std::string Outcome(InvocationId id) const;
  const InvocationEnded* End(InvocationId id) const;
  // nullptr while it runs, and for a plain success without log lines.
  const registry::LogEvent* Event(InvocationId id) const;
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
  Inbox inbox_;
  Outbox outbox_;

 private:
  InvocationId last_id_ = -1;
  size_t timers_seen_ = 0;
};

}  // namespace caravel::runtime
