#include "registry/host_protocol.h"

#include <utility>

#include "base/message_codec.h"

namespace caravel::registry {
net::Packet EncodeToHost(const ToHost& message, std::vector<base::Fd> fds) {
  return {base::EncodeMessage(message), std::move(fds)};
}

net::Packet EncodeFromHost(const FromHost& message, std::vector<base::Fd> fds) {
  return {base::EncodeMessage(message), std::move(fds)};
}

Result<ToHost> DecodeToHost(std::string_view bytes) {
  return base::DecodeMessage<ToHost>(bytes);
}

Result<FromHost> DecodeFromHost(std::string_view bytes) {
  return base::DecodeMessage<FromHost>(bytes);
}

}  // namespace caravel::registry
