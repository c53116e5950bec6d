#include "daemon/sent_holds.h"

#include <gtest/gtest.h>

#include "base/clock.h"

namespace caravel::daemon {
namespace {

TEST(SentHoldsTest, AHoldLastsUntilTheOtherEndIsClosedByAll) {
  base::FakeClock clock;
  const auto loop = net::EventLoop::Create(clock).value();
  net::ByteShares shares(100);
  SentHolds sent(*loop);
  base::Fd end = sent.Add(shares.TryHold("a", 40)).value();
  base::Fd copy = end.Duplicate().value();  // as in the other process
  end.Reset();
  loop->Poll(std::chrono::nanoseconds(0));
  EXPECT_EQ(shares.free(), 60U);
  copy.Reset();
  while (sent.size() > 0) loop->Poll(std::chrono::seconds(1));
  EXPECT_EQ(shares.free(), 100U);
}

TEST(SentHoldsTest, WhatIsStillThereIsReleasedAtTheEnd) {
  base::FakeClock clock;
  const auto loop = net::EventLoop::Create(clock).value();
  net::ByteShares shares(100);
  base::Fd end;
  {
    SentHolds sent(*loop);
    end = sent.Add(shares.TryHold("a", 40)).value();
  }
  EXPECT_EQ(shares.free(), 100U);
}

}  // namespace
}  // namespace caravel::daemon
