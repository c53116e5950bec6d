#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "net/client_pool.h"

namespace caravel::host {

// The connections that Workers own (cloudflare:sockets, node:net): a bounded
// number for all of a shard, which its Workers share as they share those to
// origins (net/fair_shares.h). A Worker beyond its share waits.
//
// Threads: the one that drives the shard.
class RawConnections {
 public:
  using Done = std::function<void(Result<base::Fd>)>;

  // All references outlive this.
  RawConnections(net::EventLoop& loop, net::Dialer& dialer,
                 net::ClientPool::TlsSource tls, size_t max_connections);
  ~RawConnections();

  // A connection for `worker`; `done` is called from the loop, unless it was
  // closed before. Returns its number.
  uint64_t Open(const std::string& worker, const std::string& host,
                uint16_t port, Done done);
  // It is closed, or nobody wants it any more. Once for each number.
  void Close(uint64_t number);

  // A client's session with `host` that trusts what the system trusts.
  Result<std::unique_ptr<net::TlsSession>> NewTlsSession(
      const std::string& host);

 private:
  class State;
  std::shared_ptr<State> state_;  // answers of the dialer hold it weakly
};

}  // namespace caravel::host
