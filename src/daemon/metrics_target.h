#pragma once

#include <functional>
#include <string>
#include <vector>

#include "daemon/deferred_answers.h"

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

  net::Answerer& Start(net::RequestHead& head, net::Asker& asker) override;

 private:
  net::Target& api_;
  const std::vector<std::string> hosts_;
  const std::function<std::string()> page_;
  DeferredAnswers answers_;
};

}  // namespace caravel::daemon
