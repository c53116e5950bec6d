#include "daemon/unavailable_api.h"

#include "control/host_check.h"

namespace caravel::daemon {

UnavailableApi::UnavailableApi(net::EventLoop& loop,
                               std::vector<std::string> hosts, Error reason)
    : hosts_(std::move(hosts)), reason_(std::move(reason)), answers_(loop) {}

net::Answerer& UnavailableApi::Start(net::RequestHead& head,
                                     net::Asker& asker) {
  const api::ErrorNumbers numbers;
  if (!api::IsAllowedHost(head.authority, hosts_)) {
    return answers_.Add(asker, [numbers] {
      return api::FailureReply(
          Error(ErrorCode::kDenied, "this host name is not allowed")
              .Remedy("see --api-hosts"),
          numbers.denied);
    });
  }
  return answers_.Add(asker, [this, numbers] {
    return api::FailureReply(reason_, numbers.unavailable);
  });
}

}  // namespace caravel::daemon
