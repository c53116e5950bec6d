// What the other end of a relay may do wrong, and what becomes of exchanges
// when it goes. What must hold when it keeps to the rules: exchange_test.cc;
// the transports: relay_transport_test.cc.
#include "net/relay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/scripted_asker.h"

namespace caravel::net {
namespace {

using testing::HasSubstr;

constexpr RelayId kFirst{1};
constexpr RelayId kSecond{2};

// Keeps what an end sends; the test is the other end.
class ScriptedTransport final : public RelayTransport {
 public:
  void Attach(RelayReceiver* receiver) override { receiver_ = receiver; }
  void Send(RelayMessage message) override {
    sent.push_back(std::move(message));
  }
  void Receive(RelayMessage message) const {
    receiver_->OnMessage(std::move(message));
  }
  void Close() const {
    receiver_->OnClosed(Error(ErrorCode::kUnavailable, "the peer has died"));
  }
  template <typename Kind>
  const Kind* Last() const {
    return sent.empty() ? nullptr : std::get_if<Kind>(&sent.back());
  }

  std::vector<RelayMessage> sent;

 private:
  RelayReceiver* receiver_ = nullptr;
};

RequestHead Request(int64_t body_size) {
  RequestHead head;
  head.method = "POST";
  head.scheme = "http";
  head.authority = "a";
  head.target = "/";
  head.body_size = body_size;
  return head;
}

class RelayTest : public testing::Test {
 protected:
  void Round() const { loop_->Poll(std::chrono::nanoseconds(0)); }

  base::FakeClock clock_;
  std::unique_ptr<EventLoop> loop_ = EventLoop::Create(clock_).value();
  ScriptedTransport transport_;
};

class RelayAskingEndTest : public RelayTest {
 protected:
  std::unique_ptr<ScriptedAsker> Ask() {
    return std::make_unique<ScriptedAsker>(Request(-1), *end_);
  }
  std::unique_ptr<RelayAskingEnd> end_ =
      std::make_unique<RelayAskingEnd>(*loop_, transport_);
};

struct Wrong {
  std::vector<RelayMessage> messages;
  std::string_view why;
};

TEST_F(RelayAskingEndTest, AnAnswererThatBreaksTheRulesEndsItsExchange) {
  const Wrong kWrongs[] = {
      {{RelayRespondBody{{}, "x"}}, "it sent a body without a head"},
      {{RelayRespondEnd{}}, "it ended an answer that had no head"},
      {{RelayRespondStart{}, RelayRespondStart{}}, "it answered twice"},
      {{RelayRespondStart{}, RelayRespond{}}, "it answered twice"},
      {{RelayRespondStart{}, RelayRespondBody{{}, "12345678901"}},
       "it sent more than was granted"},
      {{RelayRespondStart{}, RelayRespondBody{{}, "123456"},
        RelayRespondBody{{}, "123456"}},
       "it sent more than was granted"},
      {{RelayGrantRequestBody{{}, UINT64_MAX}, RelayGrantRequestBody{{}, 1}},
       "it granted more than can be counted"},
      {{RelayRequestEnd{}}, "it spoke as if it asked"},
      {{RelayStart{}}, "it spoke as if it asked"},
  };
  RelayId id;
  for (const Wrong& wrong : kWrongs) {
    const auto asker = Ask();
    ++id.value;
    asker->Take(10);
    for (RelayMessage message : wrong.messages) {
      std::visit([&](auto& kind) { kind.exchange = id; }, message);
      transport_.Receive(std::move(message));
    }
    EXPECT_EQ(asker->aborted, "the answering side broke the exchange: " +
                                  std::string(wrong.why));
    ASSERT_NE(transport_.Last<RelayCancel>(), nullptr);
    EXPECT_EQ(transport_.Last<RelayCancel>()->exchange, id);
    EXPECT_EQ(end_->violations(), id.value);
    EXPECT_EQ(end_->running(), 0U);
  }
}

TEST_F(RelayAskingEndTest, OtherExchangesGoOnWhenOneIsBroken) {
  const auto first = Ask();
  const auto second = Ask();
  transport_.Receive(RelayRespondEnd{kFirst});
  transport_.Receive(RelayRespond{kSecond, MakeHead(200), "fine"});
  EXPECT_NE(first->aborted, "");
  EXPECT_EQ(second->body, "fine");
}

TEST_F(RelayAskingEndTest, WhatComesLateIsIgnored) {
  const auto asker = Ask();
  asker->Cancel();
  transport_.Receive(RelayRespond{kFirst, MakeHead(200), "late"});
  EXPECT_EQ(end_->violations(), 0U);
  EXPECT_FALSE(asker->ended);
}

TEST_F(RelayAskingEndTest, ANumberThatWasNeverUsedIsCounted) {
  transport_.Receive(RelayRespond{kFirst, MakeHead(200), "who?"});
  transport_.Receive(RelayRespondEnd{RelayId{0}});
  EXPECT_EQ(end_->violations(), 2U);
}

TEST_F(RelayAskingEndTest, WhenThePeerGoesEveryExchangeIsAborted) {
  const auto first = Ask();
  const auto second = Ask();
  transport_.Close();
  EXPECT_EQ(first->aborted, "the peer has died");
  EXPECT_EQ(second->aborted, "the peer has died");

  const auto later = Ask();
  EXPECT_EQ(later->aborted, "") << "not from within Start()";
  Round();
  EXPECT_EQ(later->aborted, "the peer has died");
}

TEST_F(RelayAskingEndTest, AHeadThatCannotTravelIsRefusedHere) {
  RequestHead head = Request(0);
  head.headers.Add("X", std::string(kMaxRelayHead, 'x'));
  const ScriptedAsker asker(head, *end_);
  Round();
  EXPECT_THAT(asker.aborted, HasSubstr("is larger than 524288 bytes"));
  EXPECT_TRUE(transport_.sent.empty());
}

TEST_F(RelayAskingEndTest, AnEndThatGoesAbortsItsAskers) {
  const auto asker = Ask();
  end_.reset();
  EXPECT_EQ(asker->aborted, "the relay is stopping");
  EXPECT_NE(transport_.Last<RelayCancel>(), nullptr);
}

class RelayAnsweringEndTest : public RelayTest {
 protected:
  ScriptedExchange& Start(RelayId id, int64_t body_size) {
    transport_.Receive(RelayStart{id, Request(body_size)});
    return *target_.exchanges.back();
  }
  ScriptedTarget target_;
  std::unique_ptr<RelayAnsweringEnd> end_ =
      std::make_unique<RelayAnsweringEnd>(*loop_, transport_, target_);
};

TEST_F(RelayAnsweringEndTest, AnAskerThatBreaksTheRulesEndsItsExchange) {
  const Wrong kWrongs[] = {
      {{RelayRequestBody{{}, "12345678901"}}, "it sent more than was granted"},
      {{RelayRequestBody{{}, "123456"}}, "its body is longer than it said"},
      {{RelayRequestBody{{}, "1234"}, RelayRequestEnd{}},
       "its body is shorter than it said"},
      {{RelayRequestBody{{}, "12345"}, RelayRequestEnd{}, RelayRequestEnd{}},
       "it ended its body twice"},
      {{RelayRequestBody{{}, "12345"}, RelayRequestEnd{},
        RelayRequestBody{{}, "6"}},
       "it sent a body behind its end"},
      {{RelayResponseCredit{{}, UINT64_MAX}},
       "it granted more than can be counted"},
      {{RelayResponseCredit{{}, uint64_t{1} << 62}, RelayResponseCredit{{}, 1}},
       "it granted more than can be counted"},
      {{RelayStart{}}, "it began with a number that is in use"},
      {{RelayRespondEnd{}}, "it spoke as if it answered"},
  };
  RelayId id;
  for (const Wrong& wrong : kWrongs) {
    ++id.value;
    ScriptedExchange& exchange = Start(id, 5);
    exchange.Grant(10);
    for (RelayMessage message : wrong.messages) {
      std::visit([&](auto& kind) { kind.exchange = id; }, message);
      transport_.Receive(std::move(message));
    }
    EXPECT_EQ(exchange.cancelled,
              "the asking side broke the exchange: " + std::string(wrong.why));
    ASSERT_NE(transport_.Last<RelayRespondAbort>(), nullptr) << wrong.why;
    EXPECT_EQ(transport_.Last<RelayRespondAbort>()->exchange, id);
    EXPECT_EQ(end_->violations(), id.value);
    EXPECT_EQ(end_->running(), 0U);
  }
}

TEST_F(RelayAnsweringEndTest, ANumberIsNotUsedTwice) {
  Start(kSecond, 0).Respond(MakeHead(200));
  for (const RelayId id : {kFirst, kSecond, RelayId{0}}) {
    transport_.Receive(RelayStart{id, Request(0)});
    ASSERT_NE(transport_.Last<RelayRespondAbort>(), nullptr);
    EXPECT_EQ(transport_.Last<RelayRespondAbort>()->why.message,
              "the number of an exchange was used twice");
  }
  EXPECT_EQ(target_.exchanges.size(), 1U);
  EXPECT_EQ(end_->violations(), 3U);
}

TEST_F(RelayAnsweringEndTest, WhatComesLateIsIgnoredAndWhatNeverWasIsCounted) {
  Start(kFirst, -1).Respond(MakeHead(200));
  transport_.Receive(RelayRequestBody{kFirst, "late"});
  transport_.Receive(RelayResponseCredit{kFirst, 1});
  transport_.Receive(RelayCancel{kFirst, {}});
  EXPECT_EQ(end_->violations(), 0U);
  transport_.Receive(RelayCancel{kSecond, {}});
  EXPECT_EQ(end_->violations(), 1U);
}

TEST_F(RelayAnsweringEndTest, ExchangesAboveTheLimitAreRefused) {
  for (uint64_t i = 1; i <= RelayAnsweringEnd::kMaxRunning; ++i) {
    Start(RelayId{i}, 0);
  }
  transport_.Receive(
      RelayStart{RelayId{RelayAnsweringEnd::kMaxRunning + 1}, Request(0)});
  EXPECT_EQ(target_.exchanges.size(), RelayAnsweringEnd::kMaxRunning);
  ASSERT_NE(transport_.Last<RelayRespondAbort>(), nullptr);
  EXPECT_EQ(transport_.Last<RelayRespondAbort>()->why.message,
            "more than 16384 exchanges at a time over one relay");
}

TEST_F(RelayAnsweringEndTest, ALongAnswerLeavesOnlyAsItIsGranted) {
  ScriptedExchange& exchange = Start(kFirst, 0);
  exchange.Respond(MakeHead(200), std::string(1'000'000, 'x'));
  ASSERT_NE(transport_.Last<RelayRespondStart>(), nullptr);
  EXPECT_EQ(transport_.Last<RelayRespondStart>()->head.body_size, 1'000'000);
  transport_.Receive(RelayResponseCredit{kFirst, 10});
  ASSERT_NE(transport_.Last<RelayRespondBody>(), nullptr);
  EXPECT_EQ(transport_.Last<RelayRespondBody>()->bytes.size(), 10U);
  transport_.Receive(RelayResponseCredit{kFirst, 2'000'000});
  EXPECT_NE(transport_.Last<RelayRespondEnd>(), nullptr);
  EXPECT_EQ(end_->running(), 0U);
}

TEST_F(RelayAnsweringEndTest, TheRestOfALongAnswerIsForgottenOnCancel) {
  Start(kFirst, 0).Respond(MakeHead(200), std::string(1'000'000, 'x'));
  EXPECT_EQ(end_->running(), 1U);
  transport_.Receive(RelayCancel{kFirst, {}});
  EXPECT_EQ(end_->running(), 0U);
}

TEST_F(RelayAnsweringEndTest, AHeadThatCannotTravelAbortsTheAnswer) {
  const std::string large(kMaxRelayHead, 'x');
  Start(kFirst, 0).Respond(MakeHead(200, {{"X", large}}), "body");
  ASSERT_NE(transport_.Last<RelayRespondAbort>(), nullptr);
  EXPECT_THAT(transport_.Last<RelayRespondAbort>()->why.message,
              HasSubstr("is larger than 524288 bytes"));

  ScriptedExchange& streamed = Start(kSecond, 0);
  transport_.Receive(RelayResponseCredit{kSecond, 100});
  streamed.Start(MakeHead(200, {{"X", large}}));
  streamed.Send("dropped");
  ASSERT_NE(transport_.Last<RelayRespondAbort>(), nullptr);
  EXPECT_FALSE(streamed.over()) << "not from within what it says";
  Round();
  EXPECT_EQ(streamed.cancelled, "the head of the response is too large");
  EXPECT_EQ(end_->running(), 0U);
}

TEST_F(RelayAnsweringEndTest, WhenThePeerGoesEveryExchangeIsCancelled) {
  ScriptedExchange& first = Start(kFirst, 0);
  ScriptedExchange& second = Start(kSecond, 0);
  transport_.Close();
  EXPECT_EQ(first.cancelled, "the peer has died");
  EXPECT_EQ(second.cancelled, "the peer has died");
}

TEST_F(RelayAnsweringEndTest, AnEndThatGoesCancelsItsExchanges) {
  ScriptedExchange& exchange = Start(kFirst, 0);
  end_.reset();
  EXPECT_EQ(exchange.cancelled, "the relay is stopping");
  EXPECT_NE(transport_.Last<RelayRespondAbort>(), nullptr);
}

}  // namespace
}  // namespace caravel::net
