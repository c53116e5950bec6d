// The answering end. A whole answer of more than one piece is kept here and
// sent as a stream, as far as the asker grants, so that it cannot fill the
// transport. Tests: relay_test.cc, exchange_test.cc.
#include "base/check.h"
#include "net/relay.h"

namespace caravel::net {
namespace {

// Far above what anybody grants; sums below cannot overflow.
constexpr uint64_t kMostCredit = uint64_t{1} << 62;

}  // namespace

// One exchange, as the target's asker.
class RelayAnsweringEnd::Exchange final : public Asker {
 public:
  Exchange(RelayAnsweringEnd& owner, RelayId number, const RequestHead& head)
      : end(owner),
        id(number),
        request_size(head.body_size),
        is_head_request(head.method == "HEAD") {}

  void Respond(const ResponseHead& head, std::string_view body) override;
  void RespondStart(const ResponseHead& head) override;
  void RespondBody(std::string_view bytes) override;
  void RespondEnd() override;
  void RespondAbort(const Error& why) override;
  void GrantRequestBody(uint64_t bytes) override;

  // Sends what is kept of a whole answer; true when that was the last of it.
  bool SendKept();
  void SendPieces(std::string_view bytes) const;
  void Finish() { end.exchanges_.erase(id.value); }
  bool IsTooLarge(const ResponseHead& head);

  RelayAnsweringEnd& end;
  const RelayId id;
  const int64_t request_size;
  const bool is_head_request;
  Answerer* answerer = nullptr;  // none once it has given its whole answer
  uint64_t granted = 0;          // bytes of the request that may still come
  uint64_t received = 0;
  bool request_ended = false;
  uint64_t credit = 0;  // bytes of the response that may still be sent
  bool muted = false;   // the answer was refused; the answerer hears soon
  std::string kept;
  size_t kept_begin = 0;
};

bool RelayAnsweringEnd::Exchange::IsTooLarge(const ResponseHead& head) {
  if (RelaySize(head) <= kMaxRelayHead) return false;
  muted = true;
  const Error why(ErrorCode::kLimit,
                  fmt::format("the head of the response is larger than {} "
                              "bytes",
                              kMaxRelayHead));
  end.transport_.Send(RelayRespondAbort{id, ToRelayError(why)});
  return true;
}

void RelayAnsweringEnd::Exchange::Respond(const ResponseHead& head,
                                          std::string_view body) {
  if (IsTooLarge(head)) return Finish();
  ResponseHead sent = head;
  if (is_head_request) {
    if (!body.empty()) sent.body_size = static_cast<int64_t>(body.size());
    body = {};
  }
  if (body.size() <= kMaxRelayPiece) {
    end.transport_.Send(RelayRespond{id, std::move(sent), std::string(body)});
    return Finish();
  }
  sent.body_size = static_cast<int64_t>(body.size());
  end.transport_.Send(RelayRespondStart{id, std::move(sent)});
  answerer = nullptr;
  kept = body;
  if (SendKept()) Finish();
}

void RelayAnsweringEnd::Exchange::RespondStart(const ResponseHead& head) {
  if (IsTooLarge(head)) return end.CancelSoon(id);
  end.transport_.Send(RelayRespondStart{id, head});
}

void RelayAnsweringEnd::Exchange::RespondBody(std::string_view bytes) {
  if (muted) return;
  CARAVEL_CHECK(bytes.size() <= credit, bytes.size(), credit);
  credit -= bytes.size();
  SendPieces(bytes);
}

void RelayAnsweringEnd::Exchange::SendPieces(std::string_view bytes) const {
  for (; !bytes.empty();
       bytes.remove_prefix(std::min(kMaxRelayPiece, bytes.size()))) {
    end.transport_.Send(
        RelayRespondBody{id, std::string(bytes.substr(0, kMaxRelayPiece))});
  }
}

bool RelayAnsweringEnd::Exchange::SendKept() {
  const auto size =
      static_cast<size_t>(std::min<uint64_t>(credit, kept.size() - kept_begin));
  SendPieces(std::string_view(kept).substr(kept_begin, size));
  kept_begin += size;
  credit -= size;
  if (kept_begin < kept.size()) return false;
  end.transport_.Send(RelayRespondEnd{id});
  return true;
}

void RelayAnsweringEnd::Exchange::RespondEnd() {
  if (!muted) end.transport_.Send(RelayRespondEnd{id});
  Finish();
}

void RelayAnsweringEnd::Exchange::RespondAbort(const Error& why) {
  if (!muted) end.transport_.Send(RelayRespondAbort{id, ToRelayError(why)});
  Finish();
}

void RelayAnsweringEnd::Exchange::GrantRequestBody(uint64_t bytes) {
  bytes = std::min(bytes, kMostCredit - granted);
  if (bytes == 0 || muted) return;
  granted += bytes;
  end.transport_.Send(RelayGrantRequestBody{id, bytes});
}

RelayAnsweringEnd::RelayAnsweringEnd(EventLoop& loop, RelayTransport& transport,
                                     Target& target)
    : loop_(loop), transport_(transport), target_(target) {
  transport_.Attach(this);
}

RelayAnsweringEnd::~RelayAnsweringEnd() {
  transport_.Attach(nullptr);
  loop_.Cancel(cancel_);
  const Error why(ErrorCode::kUnavailable, "the relay is stopping");
  for (const auto& [id, exchange] : exchanges_) {
    transport_.Send(RelayRespondAbort{exchange->id, ToRelayError(why)});
  }
  CancelAll(why);
}

void RelayAnsweringEnd::CancelAll(const Error& why) {
  for (const auto& [id, exchange] : std::exchange(exchanges_, {})) {
    if (exchange->answerer != nullptr) exchange->answerer->OnCancel(why);
  }
}

// An answerer is not called from within what it says.
void RelayAnsweringEnd::CancelSoon(RelayId id) {
  oversized_.push_back(id);
  loop_.Cancel(cancel_);
  cancel_ = loop_.At(loop_.Now(), [this] {
    for (const RelayId each : std::exchange(oversized_, {})) {
      const auto node = exchanges_.extract(each.value);
      if (node.empty()) continue;
      node.mapped()->answerer->OnCancel(
          Error(ErrorCode::kLimit, "the head of the response is too large"));
    }
  });
}

RelayAnsweringEnd::Exchange* RelayAnsweringEnd::Find(RelayId id) {
  const auto found = exchanges_.find(id.value);
  if (found != exchanges_.end()) return found->second.get();
  if (id.value == 0 || id.value > last_id_) ++violations_;
  return nullptr;
}

void RelayAnsweringEnd::Refuse(RelayId id, std::string_view what) {
  ++violations_;
  const auto node = exchanges_.extract(id.value);
  const Error why(ErrorCode::kInternal,
                  fmt::format("the asking side broke the exchange: {}", what));
  transport_.Send(RelayRespondAbort{id, ToRelayError(why)});
  Answerer* answerer = node.mapped()->answerer;
  if (answerer != nullptr) answerer->OnCancel(why);
}

void RelayAnsweringEnd::OnMessage(RelayMessage message) {
  std::visit([this](auto& kind) { On(kind); }, message);
}

void RelayAnsweringEnd::OnClosed(const Error& why) { CancelAll(why); }

void RelayAnsweringEnd::On(RelayStart& message) {
  const RelayId id = message.exchange;
  if (id.value <= last_id_) {
    if (exchanges_.contains(id.value)) {
      return Refuse(id, "it began with a number that is in use");
    }
    ++violations_;
    const Error why(ErrorCode::kInvalid,
                    "the number of an exchange was used twice");
    return transport_.Send(RelayRespondAbort{id, ToRelayError(why)});
  }
  last_id_ = id.value;
  if (exchanges_.size() >= kMaxRunning) {
    const Error why(ErrorCode::kLimit,
                    fmt::format("more than {} exchanges at a time over one "
                                "relay",
                                kMaxRunning));
    return transport_.Send(RelayRespondAbort{id, ToRelayError(why)});
  }
  auto made = std::make_unique<Exchange>(*this, id, message.head);
  Exchange& exchange = *made;
  exchanges_.emplace(id.value, std::move(made));
  exchange.answerer = &target_.Start(message.head, exchange);
}

void RelayAnsweringEnd::On(RelayRequestBody& message) {
  Exchange* exchange = Find(message.exchange);
  if (exchange == nullptr) return;
  const uint64_t size = message.bytes.size();
  if (exchange->request_ended) {
    return Refuse(message.exchange, "it sent a body behind its end");
  }
  if (size > exchange->granted) {
    return Refuse(message.exchange, "it sent more than was granted");
  }
  exchange->granted -= size;
  exchange->received += size;
  if (exchange->request_size >= 0 &&
      exchange->received > static_cast<uint64_t>(exchange->request_size)) {
    return Refuse(message.exchange, "its body is longer than it said");
  }
  if (exchange->answerer != nullptr) {
    exchange->answerer->OnRequestBody(message.bytes);
  }
}

void RelayAnsweringEnd::On(RelayRequestEnd& message) {
  Exchange* exchange = Find(message.exchange);
  if (exchange == nullptr) return;
  if (exchange->request_ended) {
    return Refuse(message.exchange, "it ended its body twice");
  }
  if (exchange->request_size >= 0 &&
      exchange->received < static_cast<uint64_t>(exchange->request_size)) {
    return Refuse(message.exchange, "its body is shorter than it said");
  }
  exchange->request_ended = true;
  if (exchange->answerer != nullptr) exchange->answerer->OnRequestEnd();
}

void RelayAnsweringEnd::On(RelayResponseCredit& message) {
  Exchange* exchange = Find(message.exchange);
  if (exchange == nullptr) return;
  if (message.bytes > kMostCredit - exchange->credit) {
    return Refuse(message.exchange, "it granted more than can be counted");
  }
  exchange->credit += message.bytes;
  if (exchange->answerer != nullptr) {
    exchange->answerer->OnResponseCredit(message.bytes);
  } else if (exchange->SendKept()) {
    exchange->Finish();
  }
}

void RelayAnsweringEnd::On(RelayCancel& message) {
  if (Find(message.exchange) == nullptr) return;
  const auto node = exchanges_.extract(message.exchange.value);
  Answerer* answerer = node.mapped()->answerer;
  if (answerer != nullptr) answerer->OnCancel(FromRelayError(message.why));
}

template <typename Other>
void RelayAnsweringEnd::On(Other& message) {
  if (Find(message.exchange) == nullptr) return;
  Refuse(message.exchange, "it spoke as if it answered");
}

}  // namespace caravel::net
