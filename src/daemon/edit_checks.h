#pragma once

#include <functional>
#include <thread>
#include <vector>

#include "daemon/served_workers.h"
#include "net/event_loop.h"

namespace caravel::daemon {

// Checks what `serve` is to serve next, one edit at a time, on a thread, since
// a check blocks: of each Worker the newest edit that came; those before it are
// passed over.
// Threads: the one that drives the loop.
class EditChecks {
 public:
  using Edit = ServedWorkers::Held;
  struct Checked {
    registry::VersionId version;
    Status status;  // whether it is served
  };
  using Check = std::function<Checked(Edit)>;  // on the thread
  using Tell = std::function<void(Checked)>;   // on the loop

  EditChecks(net::EventLoop& loop, Check check, Tell tell);
  // Requires: not busy().
  ~EditChecks();

  void Submit(Edit edit);
  void Start();  // none begins before
  void Stop();   // none begins any more, and nothing is told of one that runs

  // One is under way, which needs the loop to end.
  bool busy() const { return busy_; }

 private:
  void BeginNext();

  net::EventLoop& loop_;
  const Check check_;
  const Tell tell_;
  std::vector<Edit> waiting_;  // one of a Worker
  bool may_begin_ = false;
  bool stopped_ = false;
  bool busy_ = false;
  std::thread thread_;
};

}  // namespace caravel::daemon
