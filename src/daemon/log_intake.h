#pragma once

#include <vector>

#include "base/fd.h"
#include "registry/host_protocol.h"

namespace caravel::daemon {

// Who keeps what Workers logged. Threads: the one that drives the loop.
class LogSink {
 public:
  virtual ~LogSink() = default;
  virtual void Append(const registry::LogEvent& event) = 0;
  virtual void CountDropped(uint64_t events) = 0;
};

// Hands a host's batch to `sink`: the event in the packet's first descriptor,
// then those in the packet. A host may be hostile, and a descriptor costs it
// nothing while reading one costs up to kMaxLogEventBytes on the loop: further
// ones are not looked at. An event that cannot be read counts as dropped, and
// so does one that no host of ours would send: with names that are none, times
// outside of the clock, or more lines and exceptions than an isolate keeps.
void TakeLogEvents(const registry::LogEvents& batch,
                   const std::vector<base::Fd>& fds, LogSink& sink);

}  // namespace caravel::daemon
