#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/fd.h"
#include "base/result.h"
#include "net/event_loop.h"
#include "net/exchange.h"
#include "net/http1_options.h"

namespace caravel::net {

// Serves HTTP/1.1 and HTTP/1.0 (RFC 9110, RFC 9112) on an event loop: each
// request becomes an exchange with `target`. Who drives the loop does so:
//
//   loop.Poll(…);            // reads; begins exchanges, cancels them
//   …                        // answerers work and call their askers
//   server.FlushPending();   // writes, grants, begins what was pipelined
//
// FlushPending() calls answerers as Poll() does, so what they have queued for
// themselves is looked at before the loop sleeps.
//
// A connection carries one exchange at a time; what a client pipelines waits,
// read up to `read_ahead`. A client that half-closes during an exchange is
// taken as gone. Of protocols to change to only that of WebSockets is known
// (exchange.h, "Upgrade"); others are ignored, as RFC 9110, 7.8 allows.
//
// Threads: the one that drives the loop.
class Http1Server final {
 public:
  // All references outlive the server.
  Http1Server(EventLoop& loop, const base::Clock& clock, Target& target,
              Http1Options options);
  // Closes everything; answerers at work hear of it.
  ~Http1Server();
  Http1Server(const Http1Server&) = delete;
  Http1Server& operator=(const Http1Server&) = delete;

  // Accepts from `listener` from now on; any number of them.
  Status AdoptListener(base::Fd listener);
  // Stops accepting and gives the listeners away, with what waits in them.
  std::vector<base::Fd> ReleaseListeners();

  void FlushPending();

  // Stops accepting, closes idle connections, lets each running exchange end as
  // the last one of its connection. `done` is called from FlushPending() once
  // no connection is left; who will not wait longer destroys the server. The
  // listeners stay, for ReleaseListeners().
  void Drain(std::function<void()> done);

  const Http1Counters& counters() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace caravel::net
