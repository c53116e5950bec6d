#pragma once

#include <functional>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/held_versions.h"
#include "daemon/host_port.h"
#include "daemon/log_intake.h"
#include "daemon/published_state.h"

namespace caravel::daemon {

// What caraveld does about a version of which a host says that a call of it
// cannot be ended (registry::StuckCall): has all hosts hold it back for a time,
// and tells so in the Worker's log, where the call itself never gets to.
//
// A host may say it of any version that is published, since any may have run in
// it: which hosts are believed, and how often, the supervisor decides.
//
// Threads: the one that drives the loop.
class StuckCalls {
 public:
  // All outlive this. `tell` has the hosts hold what Message() names.
  StuckCalls(net::EventLoop& loop, const base::Clock& clock, base::Log& log,
             const PublishedState& published, LogSink& logs,
             std::function<void()> tell);

  void OnStuck(const HostPort& host, const registry::VersionId& version);

  // What a host is to hold.
  registry::HoldVersions Message() const { return {held_.Current()}; }

 private:
  const base::Clock& clock_;
  base::Log& log_;
  const PublishedState& published_;
  LogSink& logs_;
  const std::function<void()> tell_;
  HeldVersions held_;
};

}  // namespace caravel::daemon
