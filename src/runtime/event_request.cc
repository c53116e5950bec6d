#include "runtime/event_request.h"

#include <utility>

namespace caravel::runtime {

void SetRequest(registry::LogEvent& event, const net::RequestHead& head,
                std::string url, const ServiceCall* call) {
  event.method = head.method;
  event.url = std::move(url);
  if (call == nullptr) return;
  event.entrypoint = call->entrypoint;
  if (call->rpc) {
    event.kind = "rpc";
    event.rpc_method = call->method;
  }
  if (!call->cron.empty()) {
    event.kind = "scheduled";
    event.cron = call->cron;
    event.scheduled_ms = call->scheduled_ms;
  }
}

}  // namespace caravel::runtime
