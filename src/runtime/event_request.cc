#include "runtime/event_request.h"

#include <utility>

#include "base/codec.h"
#include "runtime/request_url.h"

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

void SetRequest(registry::LogEvent& event, const net::RequestHead& head) {
  const auto call = base::Decode<ServiceCall>(head.service);
  SetRequest(event, head, AbsoluteUrl(head), call ? &*call : nullptr);
}

}  // namespace caravel::runtime
