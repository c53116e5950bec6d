#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/log.h"
#include "base/result.h"
#include "daemon/host_port.h"

namespace caravel::daemon {

// Tells hosts which Workers tell all of their events. Every Worker whose log
// keeps all invocations is one, so that the list has any length and changes as
// often as accounts like. It therefore travels as a file, and a host is sent no
// other before it has said that it took the last one: what changes meanwhile
// goes to it in one, and a host that does not read has one packet to read.
//
// Threads: the one that drives the loop.
class TailedList {
 public:
  // `log` outlives this.
  explicit TailedList(base::Log& log) : log_(log) {}

  // These, and no others.
  void Set(std::vector<registry::WorkerId> workers);

  void Join(HostPort& host);
  // The host said so; hosts may say it at any time.
  void OnTaken(HostPort& host, uint64_t number);
  void Leave(HostPort& host);

 private:
  struct Follower {
    HostPort* host = nullptr;
    uint64_t taking = 0;  // the last one that it was sent; 0: it has that
    bool is_behind = true;
  };

  void Tell(Follower& follower);
  Result<base::Fd> CopyOfFile();

  base::Log& log_;
  std::vector<registry::WorkerId> workers_;
  uint64_t last_ = 0;
  base::Fd file_;  // with `workers_`; none until a host is to have it
  std::map<std::string, Follower> followers_;
};

}  // namespace caravel::daemon
