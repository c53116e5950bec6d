#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/fd.h"
#include "net/client_connection.h"
#include "net/client_origin.h"
#include "net/fair_shares.h"
#include "net/tls.h"

namespace caravel::net {

// Opens TCP connections: in a host by asking caraveld's egress broker, for a
// host can open no socket itself.
class Dialer {
 public:
  // A connected, non-blocking socket, or an error that names host and reason.
  using Done = std::function<void(Result<base::Fd>)>;

  virtual ~Dialer() = default;
  // Calls `done` once, from the loop, never from within.
  virtual void Dial(const std::string& owner, const std::string& host,
                    uint16_t port, Done done) = 0;
};

// Outgoing HTTP/1.1 requests, over connections that are kept and used again for
// the same owner, scheme, host and port.
//
// A server may close an idle connection at the moment at which a request is on
// its way. A request that may be sent twice (an idempotent method, no body) is
// then tried once more, on a connection of its own; any other one gets only a
// connection that was in use a moment ago.
//
// Owners share the connections (net/fair_shares.h): a request of who has its
// share waits, in order, until a connection is free. What one may hold depends
// on what the others do; idle connections make room.
//
// An error says "fetch to example.com:443: ", and why.
//
// Threads: the one that drives the loop.
class ClientPool final : private ClientConnection::Owner {
 public:
  struct Options {
    ClientConnection::Options connection;
    // In use, being opened, and idle; what owners share.
    size_t max_connections = 4096;
    size_t max_idle = 256;
    size_t max_idle_for_origin = 8;
    std::chrono::milliseconds idle_timeout{30'000};
    // How long ago a connection must have been in use for a request that may
    // not be sent twice.
    std::chrono::milliseconds fresh_for{4'000};
  };

  // Whom https trusts; asked at the first such request, because reading the
  // system's certificates takes its time. The context outlives the pool.
  using TlsSource = std::function<Result<const TlsContext*>()>;

  // `loop` and `dialer` outlive the pool.
  ClientPool(EventLoop& loop, Dialer& dialer, TlsSource tls,
             const Options& options);
  // Closes all connections; exchanges under way are told nothing.
  ~ClientPool() override;

  // Begins an exchange as Target::Start() does, on behalf of `owner`.
  Answerer& Start(const std::string& owner, RequestHead& head, Asker& asker);
  // The same, to `origin` whatever the head's scheme and authority say: these
  // stay as they are, and Host with them.
  Answerer& StartAt(const Origin& origin, RequestHead& head, Asker& asker);
  // Start() as a Target, which must not outlive the pool.
  std::unique_ptr<Target> ForOwner(std::string owner);

  // Closes what is idle of an owner that is gone.
  void Forget(const std::string& owner);

  size_t connections() const { return connections_.size(); }
  size_t idle_connections() const { return idle_count_; }

 private:
  class Request;
  class OwnerTarget;
  struct Held {
    std::unique_ptr<ClientConnection> connection;
    Origin origin;
    bool busy = true;
    base::SteadyTime idle_since;
  };

  Request& Add(const Origin& origin, RequestHead& head, Asker& asker);

  void OnIdle(ClientConnection& connection) override;
  void OnClosed(ClientConnection& connection) override;

  // The request has its place: it goes over an idle connection or a new one.
  void Admit(uint64_t request);
  void AdmitWaiting();
  void Release(const Origin& origin);
  void Dial(uint64_t request, const Origin& origin);
  // For a request whose connection turned out to be closed: it does not wait
  // again.
  void DialAgain(uint64_t request, const Origin& origin);
  void OnDialed(uint64_t request, const Origin& origin,
                Result<base::Fd> socket);
  Result<ClientConnection*> Open(const Origin& origin, base::Fd socket);
  ClientConnection* TakeIdle(const Origin& origin, bool may_be_sent_twice);
  void DropIdle(const std::function<bool(const Held&)>& which);
  void ArmSweep();

  EventLoop& loop_;
  Dialer& dialer_;
  const TlsSource tls_;
  const Options options_;
  uint64_t last_request_ = 0;
  size_t dialing_ = 0;
  FairShares shares_;
  EventLoop::TimerId admit_timer_;
  std::unordered_map<const ClientConnection*, Held> connections_;
  std::map<Origin, std::vector<ClientConnection*>> idle_;  // latest last
  size_t idle_count_ = 0;
  EventLoop::TimerId sweep_timer_;
  std::unordered_map<uint64_t, std::unique_ptr<Request>> requests_;
  // What the dialer's answers hold weakly.
  std::shared_ptr<ClientPool*> alive_;
};

}  // namespace caravel::net
