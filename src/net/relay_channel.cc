// Tests: relay_test.cc, exchange_test.cc.
#include "net/relay_channel.h"

namespace caravel::net {
namespace {

// A head at its limit, as encoded.
constexpr size_t kMaxMessageBytes = 2 * kMaxRelayHead;
constexpr size_t kFragmentBytes = kMaxPacketBytes - 1;
constexpr char kLastFragment = 0;
constexpr char kMoreFollows = 1;

}  // namespace

Result<std::unique_ptr<RelayChannel>> RelayChannel::Create(EventLoop& loop,
                                                           base::Fd socket) {
  std::unique_ptr<RelayChannel> transport(new RelayChannel());
  CARAVEL_TRY(transport->channel_,
              Channel::Create(loop, std::move(socket), *transport));
  return transport;
}

RelayChannel::~RelayChannel() = default;

void RelayChannel::Send(RelayMessage message) {
  if (channel_ == nullptr) return;
  const std::string encoded = EncodeRelayMessage(message);
  std::string_view rest = encoded;
  while (!rest.empty()) {
    const std::string_view fragment = rest.substr(0, kFragmentBytes);
    rest.remove_prefix(fragment.size());
    std::string bytes;
    bytes.reserve(fragment.size() + 1);
    bytes.push_back(rest.empty() ? kLastFragment : kMoreFollows);
    bytes.append(fragment);
    channel_->Send(Packet{std::move(bytes), {}});
  }
}

void RelayChannel::OnPacket(Packet packet) {
  const char mark = packet.bytes.front();
  if (mark != kLastFragment && mark != kMoreFollows) {
    return OnClosed(Error(ErrorCode::kInvalid,
                          "relay: a packet has a mark that is not known"));
  }
  std::string_view bytes = std::string_view(packet.bytes).substr(1);
  if (assembled_.size() + bytes.size() > kMaxMessageBytes) {
    return OnClosed(Error(ErrorCode::kLimit, "relay: a message is too large"));
  }
  if (mark == kMoreFollows || !assembled_.empty()) {
    assembled_.append(bytes);
    if (mark == kMoreFollows) return;
    bytes = assembled_;
  }
  Result<RelayMessage> message = DecodeRelayMessage(bytes);
  assembled_.clear();
  if (!message) return OnClosed(message.error());
  if (receiver_ != nullptr) receiver_->OnMessage(std::move(message).value());
}

void RelayChannel::OnClosed(const Error& why) {
  channel_.reset();
  if (receiver_ != nullptr) receiver_->OnClosed(why);
}

}  // namespace caravel::net
