#include "daemon/tailed_list.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/codec.h"
#include "daemon/testing/fake_host_port.h"

namespace caravel::daemon {
namespace {

using registry::WorkerId;

std::vector<WorkerId> ManyWorkers(int count) {
  std::vector<WorkerId> workers;
  for (int i = 0; i < count; ++i) workers.push_back({fmt::format("{:032}", i)});
  return workers;
}

// What the host knows once it has read all that it was sent.
std::vector<WorkerId> LastTold(const FakeHostPort& host) {
  constexpr size_t kMostBytes = 64 << 20;
  return base::Decode<std::vector<WorkerId>>(
             base::ReadWholeFile(host.sent.back().fds.at(0), kMostBytes)
                 .value())
      .value();
}

class TailedListTest : public testing::Test {
 protected:
  void SayTaken(FakeHostPort& host) {
    list_.OnTaken(host, host.SentOf<registry::TailWorkers>().back()->number);
  }

  base::NullLog log_;
  TailedList list_{log_};
  FakeHostPort host_{"h1"};
  FakeHostPort other_{"h2"};
};

TEST_F(TailedListTest, ALongListIsOneSmallPacket) {
  const std::vector<WorkerId> workers = ManyWorkers(100'000);
  list_.Set(workers);
  list_.Join(host_);
  ASSERT_EQ(host_.sent.size(), 1U);
  EXPECT_LT(registry::EncodeToHost(host_.sent[0].message).bytes.size(), 100U);
  EXPECT_EQ(LastTold(host_), workers);
}

TEST_F(TailedListTest, AHostThatDoesNotReadIsSentNoMoreThanOne) {
  list_.Join(host_);
  list_.Join(other_);
  for (int count = 1; count <= 500; ++count) {
    list_.Set(ManyWorkers(count));
    SayTaken(other_);
  }
  EXPECT_EQ(host_.sent.size(), 1U);
  EXPECT_TRUE(LastTold(host_).empty());
  EXPECT_EQ(other_.sent.size(), 501U);

  SayTaken(host_);
  EXPECT_EQ(host_.sent.size(), 2U);
  EXPECT_EQ(LastTold(host_), ManyWorkers(500));
}

TEST_F(TailedListTest, WhatAHostSaysOfAnotherNumberIsNotBelieved) {
  list_.Join(host_);
  const uint64_t number = host_.SentOf<registry::TailWorkers>()[0]->number;
  list_.Set(ManyWorkers(1));
  list_.OnTaken(host_, 0);
  list_.OnTaken(host_, number + 1);
  EXPECT_EQ(host_.sent.size(), 1U);
}

TEST_F(TailedListTest, NobodyIsToldTheSameTwice) {
  list_.Set(ManyWorkers(2));
  list_.Join(host_);
  SayTaken(host_);
  SayTaken(host_);  // what a host makes up
  list_.Set(ManyWorkers(2));
  EXPECT_EQ(host_.sent.size(), 1U);
}

TEST_F(TailedListTest, AHostThatIsGoneIsNotSentAnything) {
  list_.Join(host_);
  list_.Leave(host_);
  SayTaken(host_);
  list_.Set(ManyWorkers(1));
  EXPECT_EQ(host_.sent.size(), 1U);
}

}  // namespace
}  // namespace caravel::daemon
