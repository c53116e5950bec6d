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

// Has lookups of the calling thread by the machine's resolver wait for a DNS
// server as short as questions to DNS do. glibc keeps that for each thread.
void LimitLookUpsOfThread();

}  // namespace caravel::daemon
