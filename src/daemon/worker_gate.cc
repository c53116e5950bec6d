#include "daemon/worker_gate.h"

namespace caravel::daemon {

void WorkerGate::Ask(const std::string& host, const registry::WorkerId& worker,
                     const Done& done) {
  if (!queue_.Add(host, [this, worker, done] { return done(Judge(worker)); })) {
    done(Error(ErrorCode::kUnavailable,
               "caraveld is starting, and too many wait for it")
             .Remedy("ask again"));
  }
}

Status WorkerGate::Judge(const registry::WorkerId& worker) const {
  if (published_.IsGranted(worker)) return {};
  return Error(ErrorCode::kDenied, "there is no such Worker");
}

}  // namespace caravel::daemon
