#pragma once

#include <string>

#include "base/fd.h"
#include "base/log.h"
#include "daemon/client/run_info.h"
#include "daemon/config.h"
#include "registry/host_launch.h"

namespace caravel::daemon {

// What main hands to the mode that it runs.
struct Launch {
  Config config;
  registry::HostFiles files;
  base::Fd ready;  // --ready-fd; not valid(): nobody waits
  base::Fd serve;  // --serve-fd; valid(): serve mode
  // The file with the ports of the last time, where that port is one of them
  // and nobody gave one; else empty.
  std::string port_kept_in = {};
  std::string api_port_kept_in = {};
  const base::Clock& clock;
  base::Log& log;
};

// Writes `line` to who waits for readiness, once; closes the pipe.
void TellReady(base::Fd& ready, const std::string& line);

// One a core that this process may use, unless the configuration says.
unsigned ShardsOf(const Config& config);

// An URL that reaches `address` from this machine: "http://127.0.0.1:8787".
std::string LocalUrl(const std::string& bind, uint16_t port);

// `up`: the whole platform, in a data folder. Returns once it was stopped; the
// error says why it could not start.
Status RunPlatform(Launch& launch);

// `serve`: Workers that come through a channel; ends when that closes.
Status RunServeMode(Launch& launch);

}  // namespace caravel::daemon
