// The ways that messages of a relay go. What the two ends make of them:
// relay_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <atomic>
#include <thread>

#include "net/relay_channel.h"
#include "net/relay_mailbox.h"
#include "net/scripted_asker.h"
#include "net/scripted_target.h"

namespace caravel::net {
namespace {

constexpr RelayId kFirstRelay{1};

RequestHead RequestOf(int64_t body_size) {
  RequestHead head;
  head.method = "POST";
  head.scheme = "http";
  head.authority = "a";
  head.target = "/";
  head.body_size = body_size;
  return head;
}

// Keeps what a transport delivers.
class Receiver final : public RelayReceiver {
 public:
  void OnMessage(RelayMessage message) override {
    messages.push_back(std::move(message));
  }
  void OnClosed(const Error& why) override { closed = why.message(); }
  std::vector<RelayMessage> messages;
  std::string closed;
};

class RelayChannelTest : public testing::Test {
 protected:
  void SetUp() override {
    auto [first, second] = ChannelPair().value();
    transport_ = RelayChannel::Create(*loop_, std::move(first)).value();
    transport_->Attach(&receiver_);
    peer_ = std::move(second);
  }
  void SendRaw(std::string_view bytes) const {
    ASSERT_EQ(::send(peer_.get(), bytes.data(), bytes.size(), 0),
              static_cast<ssize_t>(bytes.size()));
  }
  void Round() const { loop_->Poll(std::chrono::nanoseconds(0)); }
  void RunUntilClosed() const {
    for (int i = 0; i < 1'000 && receiver_.closed.empty(); ++i) {
      loop_->Poll(std::chrono::milliseconds(1));
    }
  }
  base::FakeClock clock_;
  std::unique_ptr<EventLoop> loop_ = EventLoop::Create(clock_).value();
  Receiver receiver_;
  std::unique_ptr<RelayChannel> transport_;
  base::Fd peer_;
};

TEST_F(RelayChannelTest, ALargeMessageTravelsInSeveralPackets) {
  auto other = RelayChannel::Create(*loop_, std::move(peer_)).value();
  RequestHead head = RequestOf(0);
  head.headers.Add("X", std::string(kMaxRelayHead - 100, 'x'));
  other->Send(RelayStart{kFirstRelay, head});
  other->Send(RelayRequestEnd{kFirstRelay});
  for (int i = 0; i < 1'000 && receiver_.messages.size() < 2; ++i) {
    loop_->Poll(std::chrono::milliseconds(1));
  }
  ASSERT_EQ(receiver_.messages.size(), 2U);
  const auto* start = std::get_if<RelayStart>(receiver_.messages.data());
  ASSERT_NE(start, nullptr);
  EXPECT_EQ(start->head.headers.Find("x")->size(), kMaxRelayHead - 100);
}

TEST_F(RelayChannelTest, APeerThatSendsNoMessagesLosesTheChannel) {
  SendRaw(std::string("\0\xFF", 2));
  RunUntilClosed();
  EXPECT_EQ(receiver_.closed, "relayed message: its kind is not known");
  transport_->Send(RelayRequestEnd{kFirstRelay});  // dropped
}

TEST_F(RelayChannelTest, APacketWithAnUnknownMarkEndsTheChannel) {
  SendRaw("\x02");
  RunUntilClosed();
  EXPECT_EQ(receiver_.closed, "relay: a packet has a mark that is not known");
}

TEST_F(RelayChannelTest, AMessageWithoutEndIsNotCollectedForEver) {
  const std::string fragment = "\x01" + std::string(60'000, 'x');
  for (int i = 0; i < 100 && receiver_.closed.empty(); ++i) {
    SendRaw(fragment);
    Round();
  }
  EXPECT_EQ(receiver_.closed, "relay: a message is too large");
}

TEST(RelayMailboxTest, AReceiverIsToldWhenTheOtherEndGoes) {
  const base::FakeClock clock;
  const auto first_loop = EventLoop::Create(clock).value();
  const auto second_loop = EventLoop::Create(clock).value();
  Receiver receiver;
  auto pair = RelayMailbox::Connect(*first_loop, *second_loop);
  pair.second->Attach(&receiver);
  pair.first->Send(RelayRequestEnd{kFirstRelay});
  pair.first.reset();
  second_loop->Poll(std::chrono::nanoseconds(0));
  EXPECT_EQ(receiver.messages.size(), 1U) << "what was sent before arrives";
  EXPECT_EQ(receiver.closed, "the other end of the relay is gone");
}

TEST(RelayMailboxTest, ASenderIsToldWhenTheOtherLoopHasStopped) {
  const base::FakeClock clock;
  const auto first_loop = EventLoop::Create(clock).value();
  const auto second_loop = EventLoop::Create(clock).value();
  Receiver receiver;
  auto pair = RelayMailbox::Connect(*first_loop, *second_loop);
  pair.first->Attach(&receiver);
  second_loop->Close();
  pair.first->Send(RelayRequestEnd{kFirstRelay});
  EXPECT_EQ(receiver.closed, "") << "not from within Send()";
  first_loop->Poll(std::chrono::nanoseconds(0));
  EXPECT_EQ(receiver.closed, "the event loop of the other end has stopped");
}

TEST(RelayMailboxTest, TwoThreadsExchangeRequestsAndAnswers) {
  constexpr size_t kRequests = 500;
  const base::SystemClock clock;
  const auto asking_loop = EventLoop::Create(clock).value();
  const auto answering_loop = EventLoop::Create(clock).value();
  auto pair = RelayMailbox::Connect(*asking_loop, *answering_loop);
  std::atomic<bool> stop = false;

  std::thread answering([&] {
    ScriptedTarget target;
    RelayAnsweringEnd end(*answering_loop, *pair.second, target);
    size_t answered = 0;
    while (!stop) {
      answering_loop->Poll(std::chrono::milliseconds(1));
      for (; answered < target.exchanges.size(); ++answered) {
        target.exchanges[answered]->Respond(MakeHead(200),
                                            fmt::format("{}", answered));
      }
    }
  });
  {
    RelayAskingEnd end(*asking_loop, *pair.first);
    std::vector<std::unique_ptr<ScriptedAsker>> askers;
    for (size_t i = 0; i < kRequests; ++i) {
      askers.push_back(std::make_unique<ScriptedAsker>(RequestOf(0), end));
    }
    while (end.running() > 0) asking_loop->Poll(std::chrono::milliseconds(1));
    for (size_t i = 0; i < kRequests; ++i) {
      EXPECT_EQ(askers[i]->body, fmt::format("{}", i));
    }
    stop = true;
    answering.join();
  }
}

}  // namespace
}  // namespace caravel::net
