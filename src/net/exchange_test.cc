// The suite of exchanges over every way that this room has.
#include "net/client_world.h"
#include "net/exchange_suite.h"
#include "net/http1_world.h"
#include "net/relay.h"
#include "net/relay_channel.h"
#include "net/relay_mailbox.h"
#include "net/scripted_asker.h"

namespace caravel::net {
namespace {

class DirectWorld final : public ExchangeWorld {
 public:
  std::unique_ptr<ExchangeCall> Start(const RequestHead& head) override {
    return std::make_unique<ScriptedAsker>(head, target);
  }
  void Round() override {}
  size_t MostUnderWay() const override { return 0; }
  bool AbortsByPage() const override { return false; }
};

// Two loops, which the test drives in turn.
class RelayWorld : public ExchangeWorld {
 public:
  std::unique_ptr<ExchangeCall> Start(const RequestHead& head) override {
    return std::make_unique<ScriptedAsker>(head, *asking_);
  }
  void Round() override {
    asking_loop_->Poll(std::chrono::nanoseconds(0));
    answering_loop_->Poll(std::chrono::nanoseconds(0));
  }
  // What is granted counts from when the other side knows of it.
  size_t MostUnderWay() const override { return 100'000; }
  bool AbortsByPage() const override { return false; }

 protected:
  void MakeEnds(RelayTransport& asking, RelayTransport& answering) {
    asking_ = std::make_unique<RelayAskingEnd>(*asking_loop_, asking);
    answering_ = std::make_unique<RelayAnsweringEnd>(*answering_loop_,
                                                     answering, target);
  }
  void DropEnds() {
    asking_.reset();
    answering_.reset();
  }

  base::FakeClock clock_;
  std::unique_ptr<EventLoop> asking_loop_ = EventLoop::Create(clock_).value();
  std::unique_ptr<EventLoop> answering_loop_ =
      EventLoop::Create(clock_).value();

 private:
  std::unique_ptr<RelayAskingEnd> asking_;
  std::unique_ptr<RelayAnsweringEnd> answering_;
};

class MailboxWorld final : public RelayWorld {
 public:
  MailboxWorld() { MakeEnds(*mailboxes_.first, *mailboxes_.second); }
  ~MailboxWorld() override { DropEnds(); }

 private:
  RelayMailbox::Pair mailboxes_ =
      RelayMailbox::Connect(*asking_loop_, *answering_loop_);
};

class ChannelWorld final : public RelayWorld {
 public:
  ChannelWorld() {
    auto [first, second] = ChannelPair().value();
    first_ = RelayChannel::Create(*asking_loop_, std::move(first)).value();
    second_ = RelayChannel::Create(*answering_loop_, std::move(second)).value();
    MakeEnds(*first_, *second_);
  }
  ~ChannelWorld() override { DropEnds(); }

 private:
  std::unique_ptr<RelayChannel> first_;
  std::unique_ptr<RelayChannel> second_;
};

template <typename World>
std::unique_ptr<ExchangeWorld> Make() {
  return std::make_unique<World>();
}

INSTANTIATE_TEST_SUITE_P(Direct, ExchangeSuite,
                         testing::Values(&Make<DirectWorld>));
INSTANTIATE_TEST_SUITE_P(Http1, ExchangeSuite,
                         testing::Values(&Make<Http1World>));
INSTANTIATE_TEST_SUITE_P(Client, ExchangeSuite,
                         testing::Values(&Make<ClientWorld>));
INSTANTIATE_TEST_SUITE_P(Mailbox, ExchangeSuite,
                         testing::Values(&Make<MailboxWorld>));
INSTANTIATE_TEST_SUITE_P(Channel, ExchangeSuite,
                         testing::Values(&Make<ChannelWorld>));

}  // namespace
}  // namespace caravel::net
