#include "host/origins.h"

namespace caravel::host {

class Origins::State {};

Origins::Origins(net::EventLoop&, const base::Clock&, Link&,
                 const OriginSettings&) {}
Origins::~Origins() = default;

Result<net::Target*> Origins::Find(const registry::WorkerId&, std::string_view,
                                   net::RequestHead&) {
  return Error(ErrorCode::kUnavailable, "fetch is not connected yet");
}

}  // namespace caravel::host
