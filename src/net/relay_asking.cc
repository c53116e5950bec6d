// The asking end. Tests: relay_test.cc, exchange_test.cc.
#include "base/check.h"
#include "net/relay.h"

namespace caravel::net {

// One exchange, as the asker's answerer.
class RelayAskingEnd::Exchange final : public Answerer {
 public:
  Exchange(RelayAskingEnd& owner, RelayId number, const RequestHead& head,
           Asker& asking)
      : end(owner), id(number), asker(asking), upgrade(!head.upgrade.empty()) {}

  void OnRequestBody(std::string_view bytes) override {
    CARAVEL_CHECK(bytes.size() <= granted, bytes.size(), granted);
    granted -= bytes.size();
    for (; !bytes.empty();
         bytes.remove_prefix(std::min(kMaxRelayPiece, bytes.size()))) {
      Send(RelayRequestBody{id, std::string(bytes.substr(0, kMaxRelayPiece))});
    }
  }
  void OnRequestEnd() override { Send(RelayRequestEnd{id}); }
  void OnResponseCredit(uint64_t bytes) override {
    credit += bytes;
    Send(RelayResponseCredit{id, bytes});
  }
  void OnCancel(const Error& why) override {
    Send(RelayCancel{id, ToRelayError(why)});
    const std::unique_ptr<Exchange> self = end.Take(id);
  }
  void Send(RelayMessage message) {
    if (begun) end.transport_.Send(std::move(message));
  }

  RelayAskingEnd& end;
  const RelayId id;
  Asker& asker;
  const bool upgrade;
  bool begun = false;    // the other end knows of it
  uint64_t granted = 0;  // bytes of the request that may still be sent
  uint64_t credit = 0;   // bytes of the response that may still come
  bool started = false;  // the response's head has come
};

RelayAskingEnd::RelayAskingEnd(EventLoop& loop, RelayTransport& transport)
    : loop_(loop), transport_(transport) {
  transport_.Attach(this);
}

RelayAskingEnd::~RelayAskingEnd() {
  transport_.Attach(nullptr);
  loop_.Cancel(doom_);
  const Error why(ErrorCode::kUnavailable, "the relay is stopping");
  for (const auto& [id, exchange] : exchanges_) {
    exchange->Send(RelayCancel{exchange->id, ToRelayError(why)});
    exchange->asker.RespondAbort(why);
  }
}

Answerer& RelayAskingEnd::Start(RequestHead& head, Asker& asker) {
  const RelayId id{++last_id_};
  auto exchange = std::make_unique<Exchange>(*this, id, head, asker);
  Exchange& answerer = *exchange;
  exchanges_.emplace(id.value, std::move(exchange));
  ++unanswered_;
  if (closed_.has_value()) {
    AbortSoon(id, closed_->Clone());
  } else if (RelaySize(head) > kMaxRelayHead) {
    AbortSoon(id, Error(ErrorCode::kLimit,
                        fmt::format("the head of the request is larger than "
                                    "{} bytes",
                                    kMaxRelayHead)));
  } else {
    answerer.begun = true;
    transport_.Send(RelayStart{id, std::move(head)});
  }
  return answerer;
}

// An asker is not called from within Start().
void RelayAskingEnd::AbortSoon(RelayId id, Error why) {
  doomed_.emplace_back(id, std::move(why));
  loop_.Cancel(doom_);
  doom_ = loop_.At(loop_.Now(), [this] {
    for (const auto& [doomed, reason] : std::exchange(doomed_, {})) {
      if (const auto exchange = Take(doomed)) {
        exchange->asker.RespondAbort(reason);
      }
    }
  });
}

RelayAskingEnd::Exchange* RelayAskingEnd::Find(RelayId id) {
  const auto found = exchanges_.find(id.value);
  if (found != exchanges_.end()) return found->second.get();
  if (id.value == 0 || id.value > last_id_) ++violations_;
  return nullptr;
}

std::unique_ptr<RelayAskingEnd::Exchange> RelayAskingEnd::Take(RelayId id) {
  auto node = exchanges_.extract(id.value);
  if (node.empty()) return nullptr;
  if (!node.mapped()->started) --unanswered_;
  return std::move(node.mapped());
}

void RelayAskingEnd::Refuse(RelayId id, std::string_view what) {
  ++violations_;
  const std::unique_ptr<Exchange> exchange = Take(id);
  const Error why(
      ErrorCode::kInternal,
      fmt::format("the answering side broke the exchange: {}", what));
  transport_.Send(RelayCancel{id, ToRelayError(why)});
  exchange->asker.RespondAbort(why);
}

void RelayAskingEnd::OnMessage(RelayMessage message) {
  std::visit([this](auto& kind) { On(kind); }, message);
}

void RelayAskingEnd::OnClosed(const Error& why) {
  closed_ = why.Clone();
  unanswered_ = 0;
  for (const auto& [id, exchange] : std::exchange(exchanges_, {})) {
    exchange->asker.RespondAbort(why);
  }
}

void RelayAskingEnd::On(RelayGrantRequestBody& message) {
  Exchange* exchange = Find(message.exchange);
  if (exchange == nullptr) return;
  if (exchange->granted + message.bytes < exchange->granted) {
    return Refuse(message.exchange, "it granted more than can be counted");
  }
  exchange->granted += message.bytes;
  exchange->asker.GrantRequestBody(message.bytes);
}

void RelayAskingEnd::On(RelayRespond& message) {
  const Exchange* exchange = Find(message.exchange);
  if (exchange == nullptr) return;
  if (exchange->started) {
    return Refuse(message.exchange, "it answered twice");
  }
  if (message.head.status < 200) {
    return Refuse(message.exchange, "its whole answer has status 101");
  }
  Take(message.exchange)->asker.Respond(message.head, message.body);
}

void RelayAskingEnd::On(RelayRespondStart& message) {
  Exchange* exchange = Find(message.exchange);
  if (exchange == nullptr) return;
  if (exchange->started) {
    return Refuse(message.exchange, "it answered twice");
  }
  if (message.head.status < 200 && !exchange->upgrade) {
    return Refuse(message.exchange, "it changed the protocol, unasked");
  }
  exchange->started = true;
  --unanswered_;
  exchange->asker.RespondStart(message.head);
}

void RelayAskingEnd::On(RelayRespondBody& message) {
  Exchange* exchange = Find(message.exchange);
  if (exchange == nullptr) return;
  if (!exchange->started) {
    return Refuse(message.exchange, "it sent a body without a head");
  }
  if (message.bytes.size() > exchange->credit) {
    return Refuse(message.exchange, "it sent more than was granted");
  }
  exchange->credit -= message.bytes.size();
  exchange->asker.RespondBody(message.bytes);
}

void RelayAskingEnd::On(RelayRespondEnd& message) {
  const Exchange* exchange = Find(message.exchange);
  if (exchange == nullptr) return;
  if (!exchange->started) {
    return Refuse(message.exchange, "it ended an answer that had no head");
  }
  Take(message.exchange)->asker.RespondEnd();
}

void RelayAskingEnd::On(RelayRespondAbort& message) {
  if (Find(message.exchange) == nullptr) return;
  const Error why = FromRelayError(message.why);
  Take(message.exchange)->asker.RespondAbort(why);
}

template <typename Other>
void RelayAskingEnd::On(Other& message) {
  if (Find(message.exchange) == nullptr) return;
  Refuse(message.exchange, "it spoke as if it asked");
}

}  // namespace caravel::net
