#include "registry/host_protocol.h"

#include <utility>

#include "base/message_codec.h"

namespace caravel::registry {
namespace {

// Of a message: their ids have 32 digits each.
constexpr size_t kMostTailed = 1500;

}  // namespace

net::Packet EncodeToHost(const ToHost& message, std::vector<base::Fd> fds) {
  return {base::EncodeMessage(message), std::move(fds)};
}

net::Packet EncodeFromHost(const FromHost& message, std::vector<base::Fd> fds) {
  return {base::EncodeMessage(message), std::move(fds)};
}

std::vector<TailWorkers> TailMessages(const std::vector<WorkerId>& workers) {
  std::vector<TailWorkers> messages(1);
  for (const WorkerId& worker : workers) {
    if (messages.back().workers.size() == kMostTailed) {
      messages.back().more = true;
      messages.emplace_back();
    }
    messages.back().workers.push_back(worker);
  }
  return messages;
}

Result<ToHost> DecodeToHost(std::string_view bytes) {
  return base::DecodeMessage<ToHost>(bytes);
}

Result<FromHost> DecodeFromHost(std::string_view bytes) {
  return base::DecodeMessage<FromHost>(bytes);
}

}  // namespace caravel::registry
