#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace caravel::daemon {

// What is needed to find a running host again and to prove to it who asks. A
// value; the key is a secret of caraveld and that host.
struct HostRecord {
  std::string id;  // short, unique while its data folder lives
  pid_t pid = 0;
  uint64_t start_time = 0;  // see ProcessStartTime()
  std::string key;
  std::string socket;  // path of the unix socket on which the host listens
  std::string folder;  // its data folder, removed after it
  // What it was started from, see InstallationOf(): a caraveld that finds
  // another installation replaces it.
  std::string installation;
  bool operator==(const HostRecord&) const = default;
};

// The state file of the supervisor, DATA/run/hosts.json (mode 0600): caraveld
// writes it after each start and end of a host, so that it finds them all after
// having been killed.
Status SaveHostRecords(const std::string& path,
                       const std::vector<HostRecord>& records);

// An absent file is an empty list. A damaged one is kInvalid: hosts that it
// named may still run, and only their sockets are left to tell.
Result<std::vector<HostRecord>> LoadHostRecords(const std::string& path);

}  // namespace caravel::daemon
