#include "daemon/worker_gate.h"

#include <utility>

namespace caravel::daemon {

void WorkerGate::Ask(const std::string& host, const registry::WorkerId& worker,
                     Done done) {
  if (open_) return done(Judge(worker));
  if (waiting_.size() >= kMaxWaiting) {
    return done(Error(ErrorCode::kUnavailable,
                      "caraveld is starting, and too many wait for it")
                    .Remedy("ask again"));
  }
  waiting_.push_back({host, worker, std::move(done)});
}

void WorkerGate::Open() {
  open_ = true;
  for (const Waiting& each : std::exchange(waiting_, {})) {
    each.done(Judge(each.worker));
  }
}

void WorkerGate::OnHostLeft(const std::string& host) {
  std::erase_if(waiting_,
                [&host](const Waiting& each) { return each.host == host; });
}

Status WorkerGate::Judge(const registry::WorkerId& worker) const {
  if (published_.IsGranted(worker)) return {};
  return Error(ErrorCode::kDenied, "there is no such Worker");
}

}  // namespace caravel::daemon
