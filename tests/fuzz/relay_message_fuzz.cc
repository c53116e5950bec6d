// Both ends of a relay against a peer that sends what it likes: messages that
// decode go to an asking and to an answering end, whose local sides hold them
// to the rules of the exchange (at most what was granted, in order, once).
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/clock.h"
#include "net/relay.h"

namespace {

using namespace caravel;
using namespace caravel::net;

class NullTransport final : public RelayTransport {
 public:
  void Attach(RelayReceiver* receiver) override { receiver_ = receiver; }
  void Send(RelayMessage message) override {
    // What is sent can be received.
    const auto again = DecodeRelayMessage(EncodeRelayMessage(message));
    CARAVEL_CHECK(again.has_value());
  }
  void Receive(RelayMessage message) const {
    receiver_->OnMessage(std::move(message));
  }

 private:
  RelayReceiver* receiver_ = nullptr;
};

constexpr uint64_t kCredit = 100;

class LocalAsker final : public Asker {
 public:
  explicit LocalAsker(Target& target) {
    RequestHead head;
    head.method = "POST";
    head.scheme = "http";
    head.target = "/";
    head.body_size = -1;
    answerer_ = &target.Start(head, *this);
    answerer_->OnResponseCredit(kCredit);
  }
  void Respond(const ResponseHead& head, std::string_view) override {
    CARAVEL_CHECK(!started_ && !over_);
    CARAVEL_CHECK(head.headers.IsSound());
    over_ = true;
  }
  void RespondStart(const ResponseHead& head) override {
    CARAVEL_CHECK(!started_ && !over_);
    CARAVEL_CHECK(head.headers.IsSound());
    started_ = true;
  }
  void RespondBody(std::string_view bytes) override {
    CARAVEL_CHECK(started_ && !over_);
    received_ += bytes.size();
    CARAVEL_CHECK(received_ <= kCredit);
  }
  void RespondEnd() override {
    CARAVEL_CHECK(started_ && !over_);
    over_ = true;
  }
  void RespondAbort(const Error&) override {
    CARAVEL_CHECK(!over_);
    over_ = true;
  }
  void GrantRequestBody(uint64_t bytes) override {
    CARAVEL_CHECK(!over_ && bytes > 0);
  }

 private:
  Answerer* answerer_ = nullptr;
  bool started_ = false;
  bool over_ = false;
  uint64_t received_ = 0;
};

class LocalAnswerer final : public Answerer {
 public:
  LocalAnswerer(const RequestHead& head, Asker& asker) : asker_(asker) {
    CARAVEL_CHECK(head.headers.IsSound());
  }
  // The first thing that it says, from its own next step.
  void Begin(size_t number) {
    if (over_) return;
    switch (number % 4) {
      case 0:
        return;
      case 1:
        return asker_.GrantRequestBody(kCredit);
      case 2:
        return asker_.RespondStart(ResponseHead());
      default:
        over_ = true;
        return asker_.Respond(ResponseHead(), std::string(70'000, 'x'));
    }
  }
  void OnRequestBody(std::string_view bytes) override {
    CARAVEL_CHECK(!over_ && !ended_);
    received_ += bytes.size();
    CARAVEL_CHECK(received_ <= kCredit);
  }
  void OnRequestEnd() override {
    CARAVEL_CHECK(!over_ && !ended_);
    ended_ = true;
  }
  void OnResponseCredit(uint64_t bytes) override {
    CARAVEL_CHECK(!over_ && bytes > 0);
  }
  void OnCancel(const Error&) override {
    CARAVEL_CHECK(!over_);
    over_ = true;
  }

 private:
  Asker& asker_;
  bool over_ = false;
  bool ended_ = false;
  uint64_t received_ = 0;
};

class LocalTarget final : public Target {
 public:
  Answerer& Start(RequestHead& head, Asker& asker) override {
    answerers_.push_back(std::make_unique<LocalAnswerer>(head, asker));
    return *answerers_.back();
  }
  void Step() {
    for (; begun_ < answerers_.size(); ++begun_) {
      answerers_[begun_]->Begin(begun_);
    }
  }

 private:
  std::vector<std::unique_ptr<LocalAnswerer>> answerers_;
  size_t begun_ = 0;
};

}  // namespace

// The input is a row of messages, each behind its length in one byte.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const base::FakeClock clock;
  static const std::unique_ptr<EventLoop> loop =
      EventLoop::Create(clock).value();
  NullTransport asking_transport;
  NullTransport answering_transport;
  LocalTarget target;
  std::vector<std::unique_ptr<LocalAsker>> askers;  // outlive their exchanges
  RelayAskingEnd asking(*loop, asking_transport);
  RelayAnsweringEnd answering(*loop, answering_transport, target);
  for (int i = 0; i < 3; ++i) {
    askers.push_back(std::make_unique<LocalAsker>(asking));
  }

  std::string_view rest(reinterpret_cast<const char*>(data), size);
  while (!rest.empty()) {
    const size_t length = static_cast<unsigned char>(rest.front());
    rest.remove_prefix(1);
    const std::string_view bytes = rest.substr(0, length);
    rest.remove_prefix(bytes.size());
    Result<RelayMessage> message = DecodeRelayMessage(bytes);
    if (!message) continue;
    asking_transport.Receive(*message);
    answering_transport.Receive(std::move(*message));
    target.Step();
  }
  loop->Poll(std::chrono::nanoseconds(0));
  return 0;
}
