#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/log.h"
#include "control/tail_sessions.h"
#include "daemon/deferred_answers.h"
#include "net/event_loop.h"
#include "net/exchange.h"
#include "registry/host_protocol.h"

namespace caravel::daemon {

// The API's listener: WebSockets that read tails (control/tail_sessions.h), by
// the key in their path, are answered here, everything else by `api`. A reader
// gets each event as one message; one that is too slow loses some, and is told
// how many.
//
// Threads: the one that drives the loop.
class TailTarget final : public net::Target {
 public:
  // Bytes that may wait for one reader.
  static constexpr size_t kMostWaiting = 4 << 20;

  // All outlive the target.
  TailTarget(net::EventLoop& loop, net::Target& api,
             api::TailSessions& sessions);
  ~TailTarget() override;

  net::Answerer& Start(net::RequestHead& head, net::Asker& asker) override;

  // For the tails of its Worker.
  void Offer(const registry::LogEvent& event);

 private:
  class Reader;

  // Readers say what they have to say, and those that are over go, in the
  // loop's next round.
  void FlushLater();
  void Flush();
  void Sweep();

  net::EventLoop& loop_;
  net::Target& api_;
  api::TailSessions& sessions_;
  DeferredAnswers answers_;
  std::map<std::string, std::unique_ptr<Reader>> readers_;  // by tail
  bool flushing_ = false;
  net::EventLoop::TimerId flush_timer_;
  net::EventLoop::TimerId sweep_timer_;
};

}  // namespace caravel::daemon
