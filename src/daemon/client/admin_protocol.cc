#include "daemon/client/admin_protocol.h"

#include "base/message_codec.h"

namespace caravel::daemon {

net::Packet EncodeToAdmin(const ToAdmin& message) {
  return {base::EncodeMessage(message), {}};
}

net::Packet EncodeFromAdmin(const FromAdmin& message) {
  return {base::EncodeMessage(message), {}};
}

Result<ToAdmin> DecodeToAdmin(std::string_view bytes) {
  return base::DecodeMessage<ToAdmin>(bytes);
}

Result<FromAdmin> DecodeFromAdmin(std::string_view bytes) {
  return base::DecodeMessage<FromAdmin>(bytes);
}

}  // namespace caravel::daemon
