// Three shards that are driven by hand, one behind the other. What holds of an
// exchange over a mailbox between threads: net/exchange_test.cc.
#include "host/neighbours.h"

#include <gtest/gtest.h>

#include "base/clock.h"
#include "net/scripted_asker.h"
#include "net/scripted_target.h"

namespace caravel::host {
namespace {

class NeighboursTest : public testing::Test {
 protected:
  struct Shard {
    std::unique_ptr<net::EventLoop> loop;
    net::ScriptedTarget target;
  };

  NeighboursTest() {
    std::vector<Neighbours::Place> places;
    for (Shard& shard : shards_) {
      shard.loop = net::EventLoop::Create(clock_).value();
      places.push_back({*shard.loop, shard.target});
    }
    neighbours_ = Neighbours::ConnectAll(places);
  }
  void Round() {
    for (Shard& shard : shards_) {
      shard.loop->Poll(std::chrono::nanoseconds(0));
    }
  }
  HomeLoad Load(size_t from, size_t to) const {
    return neighbours_[from]->LoadOf(to, shards_[from].loop->Now());
  }
  static net::RequestHead Get(std::string target) {
    net::RequestHead head;
    head.method = "GET";
    head.scheme = "http";
    head.authority = "a";
    head.target = std::move(target);
    head.draw = 7;
    return head;
  }

  base::FakeClock clock_;
  std::array<Shard, 3> shards_;
  std::vector<std::unique_ptr<Neighbours>> neighbours_;
};

TEST_F(NeighboursTest, ARequestReachesTheShardThatItIsPassedOnToAndNoOther) {
  net::ScriptedAsker asker(Get("/there"), neighbours_[0]->To(2));
  EXPECT_EQ(Load(0, 2).unanswered, 1U);
  Round();
  EXPECT_TRUE(shards_[0].target.exchanges.empty());
  EXPECT_TRUE(shards_[1].target.exchanges.empty());
  ASSERT_EQ(shards_[2].target.exchanges.size(), 1U);
  net::ScriptedExchange& exchange = *shards_[2].target.exchanges[0];
  EXPECT_EQ(exchange.head.target, "/there");
  EXPECT_EQ(exchange.head.draw, 7U);
  net::ResponseHead answer;
  answer.status = 203;
  answer.body_size = 2;
  exchange.Respond(answer, "ok");
  Round();
  ASSERT_TRUE(asker.ended);
  EXPECT_EQ(asker.head->status, 203);
  EXPECT_EQ(asker.body, "ok");
  EXPECT_EQ(Load(0, 2).unanswered, 0U);
}

TEST_F(NeighboursTest, AnAnswerThatHasBegunLoadsNobody) {
  net::ScriptedAsker stream(Get("/events"), neighbours_[0]->To(1));
  net::ScriptedAsker other(Get("/"), neighbours_[0]->To(1));
  Round();
  EXPECT_EQ(Load(0, 1).unanswered, 2U);
  shards_[1].target.exchanges[0]->Start({});
  Round();
  EXPECT_EQ(Load(0, 1).unanswered, 1U);
  EXPECT_FALSE(stream.ended);
}

TEST_F(NeighboursTest, TellsHowLongAShardHasNotComeRoundToWhatWasPassedOn) {
  net::ScriptedAsker first(Get("/1"), neighbours_[0]->To(1));
  clock_.Advance(std::chrono::milliseconds(40));
  shards_[0].loop->Poll(std::chrono::nanoseconds(0));
  net::ScriptedAsker second(Get("/2"), neighbours_[0]->To(1));
  EXPECT_EQ(Load(0, 1).untaken_for, std::chrono::milliseconds(40));
  EXPECT_EQ(Load(0, 2).untaken_for, std::chrono::milliseconds(0));
  shards_[1].loop->Poll(std::chrono::nanoseconds(0));
  EXPECT_EQ(Load(0, 1).untaken_for, std::chrono::milliseconds(0))
      << "it waits for an origin, say";
  EXPECT_EQ(Load(0, 1).unanswered, 2U);
}

TEST_F(NeighboursTest, EachPassesOnToEachOther) {
  for (size_t from = 0; from < shards_.size(); ++from) {
    for (size_t to = 0; to < shards_.size(); ++to) {
      if (from == to) continue;
      net::ScriptedAsker asker(Get("/"), neighbours_[from]->To(to));
      Round();
      ASSERT_FALSE(shards_[to].target.exchanges.empty());
      shards_[to].target.exchanges.back()->Respond({});
      Round();
      EXPECT_TRUE(asker.ended) << from << " to " << to;
    }
  }
}

TEST_F(NeighboursTest, WhatWaitsForAShardThatLeavesIsAborted) {
  net::ScriptedAsker asker(Get("/"), neighbours_[0]->To(1));
  Round();
  neighbours_[1].reset();
  Round();
  EXPECT_NE(asker.aborted, "");
}

}  // namespace
}  // namespace caravel::host
