#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "net/event_loop.h"
#include "net/exchange.h"

namespace caravel::daemon {

// The API's listener: GET /metrics is answered here, everything else by `api`.
// /metrics asks for no token, as scrapers expect; it names no Worker, and the
// listener is on loopback until the operator says otherwise. A request whose
// Host is neither loopback's nor one of `hosts` is refused
// (control/host_check.h).
//
// Threads: the one that drives the loop.
class MetricsTarget final : public net::Target {
 public:
  // `loop` and `api` outlive the target.
  MetricsTarget(net::EventLoop& loop, net::Target& api,
                std::vector<std::string> hosts,
                std::function<std::string()> page);
  ~MetricsTarget() override;

  net::Answerer& Start(net::RequestHead& head, net::Asker& asker) override;

 private:
  class Call;

  void Answer();

  net::EventLoop& loop_;
  net::Target& api_;
  const std::vector<std::string> hosts_;
  const std::function<std::string()> page_;
  std::vector<std::unique_ptr<Call>> calls_;  // answered in the next round
  net::EventLoop::TimerId timer_;
};

}  // namespace caravel::daemon
