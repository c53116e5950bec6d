#include "registry/host_protocol.h"

#include <array>
#include <utility>

namespace caravel::registry {
namespace {

template <typename Message>
net::Packet EncodeMessage(const Message& message, std::vector<base::Fd> fds) {
  static_assert(std::variant_size_v<Message> < 256);
  net::Packet packet;
  packet.bytes.push_back(static_cast<char>(message.index()));
  std::visit([&](const auto& body) { packet.bytes += base::Encode(body); },
             message);
  packet.fds = std::move(fds);
  return packet;
}

template <typename Message, size_t kKind>
Result<Message> DecodeKind(std::string_view body) {
  using Body = std::variant_alternative_t<kKind, Message>;
  auto decoded = base::Decode<Body>(body);
  if (!decoded) {
    return std::move(decoded.error())
        .In(fmt::format("message of kind {}", kKind));
  }
  return Message(std::in_place_index<kKind>, std::move(*decoded));
}

template <typename Message>
Result<Message> DecodeMessage(std::string_view bytes) {
  if (bytes.empty()) {
    return Error(ErrorCode::kInvalid, "an empty packet is no message");
  }
  using Decoder = Result<Message> (*)(std::string_view);
  constexpr auto kDecoders =
      []<size_t... kKinds>(std::index_sequence<kKinds...>) {
        return std::array<Decoder, sizeof...(kKinds)>{
            &DecodeKind<Message, kKinds>...};
      }(std::make_index_sequence<std::variant_size_v<Message>>());
  const auto kind = static_cast<unsigned char>(bytes.front());
  if (kind >= kDecoders.size()) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("message of the unknown kind {}", kind))
        .Remedy("caraveld and its hosts are of different builds: restart both");
  }
  return kDecoders[kind](bytes.substr(1));
}

}  // namespace

net::Packet EncodeToHost(const ToHost& message, std::vector<base::Fd> fds) {
  return EncodeMessage(message, std::move(fds));
}

net::Packet EncodeFromHost(const FromHost& message, std::vector<base::Fd> fds) {
  return EncodeMessage(message, std::move(fds));
}

Result<ToHost> DecodeToHost(std::string_view bytes) {
  return DecodeMessage<ToHost>(bytes);
}

Result<FromHost> DecodeFromHost(std::string_view bytes) {
  return DecodeMessage<FromHost>(bytes);
}

}  // namespace caravel::registry
