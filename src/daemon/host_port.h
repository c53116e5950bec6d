#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "registry/host_protocol.h"

namespace caravel::daemon {

// A host process as the parts of caraveld see it that talk to it: the
// supervisor owns it, they send to it and hear from it.
//
// Threads: the one that drives the loop. A HostPort is dead once OnHostLeft()
// has returned; who answers later keeps the id and asks Supervisor::Find().
class HostPort {
 public:
  virtual ~HostPort() = default;

  virtual const std::string& id() const CARAVEL_LIFETIME_BOUND = 0;
  // Which build of the host runs in it; also names its code caches.
  virtual const std::string& build() const CARAVEL_LIFETIME_BOUND = 0;
  virtual int pid() const = 0;
  // It has the listening sockets: requests arrive at it.
  virtual bool serving() const = 0;

  virtual void Send(const registry::ToHost& message,
                    std::vector<base::Fd> fds) = 0;
  // Ends the process at once; another takes its place. `why` goes to the log.
  virtual void Kill(std::string_view why) = 0;
};

// What the end of a host tells of the code that ran in it.
enum class HostEnd : unsigned char {
  kOwn,    // the process ended by itself: that code may be why
  kAsked,  // nothing: caraveld had ended it, or was about to
};

// Who is told about hosts. The supervisor has one observer, main's.
class HostObserver {
 public:
  virtual ~HostObserver() = default;

  // It proved itself and has everything up to `applied` (0: nothing yet). Sends
  // LoadSnapshot from within when there is something to load: the supervisor
  // may let it serve right afterwards.
  virtual void OnHostJoined(HostPort& host, registry::Sequence applied) = 0;
  // It was told to listen.
  virtual void OnHostServing(HostPort& host) = 0;
  // `message` is well-formed, and hostile all the same: its ids and numbers are
  // what a tenant's code may have made up. A StuckCall comes only from hosts
  // that serve or drain, and from each once a shard at most.
  virtual void OnHostMessage(HostPort& host, registry::FromHost message,
                             std::vector<base::Fd> fds) = 0;
  virtual void OnHostLeft(HostPort& host, HostEnd end) = 0;
};

}  // namespace caravel::daemon
