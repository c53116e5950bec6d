#pragma once

#include <netinet/in.h>

#include <optional>
#include <string>

#include "base/result.h"
#include "registry/host_protocol.h"

namespace caravel::daemon {

// One question to this machine's resolver, or to `dns_server` where that is
// set. Blocks, for seconds when a DNS server is dead. NameService says what
// comes back.
//
// Threads: any.
Result<std::string> LookUpName(const registry::ResolveName& question,
                               const std::optional<sockaddr_in>& dns_server);

}  // namespace caravel::daemon
