#include "daemon/kv_leases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/testing/fake_host_port.h"

namespace caravel::daemon {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const registry::KvPlace kOne{"space", "one"};
const registry::KvPlace kTwo{"space", "two"};

class KvLeasesTest : public testing::Test {
 protected:
  KvLeasesTest() {
    leases_.Join(first_);
    leases_.Join(second_);
    Pass(KvLeases::kLease);  // of a former caraveld
  }

  void Pass(std::chrono::milliseconds time) {
    clock_.Advance(time);
    loop_->Poll(std::chrono::nanoseconds(0));
  }
  // The host has the entry.
  void Fill(const HostPort& host, const registry::KvPlace& place) {
    ASSERT_TRUE(leases_.EndFill(leases_.BeginFill(host.id(), place), true));
  }
  void Change(const registry::KvPlace& place) {
    leases_.Changed({place}, [this] { ++done_; });
  }
  static std::vector<uint64_t> Drops(const FakeHostPort& host) {
    std::vector<uint64_t> numbers;
    for (const auto* drop : host.SentOf<registry::DropKv>()) {
      numbers.push_back(drop->number);
    }
    return numbers;
  }

  base::FakeClock clock_;
  std::unique_ptr<net::EventLoop> loop_ =
      net::EventLoop::Create(clock_).value();
  KvLeases leases_{*loop_, clock_};
  FakeHostPort first_{"h1"};
  FakeHostPort second_{"h2"};
  int done_ = 0;
};

TEST_F(KvLeasesTest, AChangeThatNoHostHasSeenIsDoneAtOnce) {
  Change(kOne);
  EXPECT_EQ(done_, 1);
  EXPECT_THAT(Drops(first_), IsEmpty());
}

TEST_F(KvLeasesTest, AChangeWaitsForEachHostThatHasTheEntry) {
  Fill(first_, kOne);
  Fill(second_, kOne);
  Change(kOne);
  EXPECT_EQ(first_.SentOf<registry::DropKv>().back()->places,
            std::vector{kOne});
  EXPECT_EQ(done_, 0);
  leases_.OnDropped(first_, 1);
  EXPECT_EQ(done_, 0);
  leases_.OnDropped(second_, 1);
  EXPECT_EQ(done_, 1);
  Change(kOne);
  EXPECT_EQ(done_, 2) << "nobody has it any more";
}

TEST_F(KvLeasesTest, AHostThatHangsHoldsUpAChangeUntilItsLeaseEnds) {
  Fill(first_, kOne);
  Pass(KvLeases::kRenewal);
  EXPECT_THAT(first_.SentOf<registry::LeaseKv>(), SizeIs(2));
  Change(kOne);
  Pass(KvLeases::kRenewal);
  Pass(KvLeases::kRenewal);
  EXPECT_EQ(done_, 0);
  EXPECT_THAT(first_.SentOf<registry::LeaseKv>(), SizeIs(2))
      << "while it has not dropped the entry its lease is not renewed";
  Pass(KvLeases::kLease);
  EXPECT_EQ(done_, 1);
  Change(kTwo);
  EXPECT_EQ(done_, 2) << "it gives nothing without a lease";
}

TEST_F(KvLeasesTest, AHostThatAnswersLateHasALeaseAgain) {
  Fill(first_, kOne);
  Fill(first_, kTwo);
  Change(kOne);
  Pass(KvLeases::kLease);
  EXPECT_EQ(done_, 1);
  const size_t before = first_.SentOf<registry::LeaseKv>().size();
  leases_.OnDropped(first_, 1);
  EXPECT_THAT(first_.SentOf<registry::LeaseKv>(), SizeIs(before + 1));
}

TEST_F(KvLeasesTest, ASecondChangeWaitsForTheFirstOnesDrop) {
  Fill(first_, kOne);
  Change(kOne);
  Change(kOne);
  EXPECT_EQ(done_, 0) << "the host may still have what was there before both";
  leases_.OnDropped(first_, 1);
  EXPECT_EQ(done_, 2);
}

TEST_F(KvLeasesTest, WhatWasReadBeforeAChangeIsNotKept) {
  const auto fill = leases_.BeginFill("h1", kOne);
  const auto other = leases_.BeginFill("h1", kTwo);
  Change(kOne);
  EXPECT_EQ(done_, 1);
  EXPECT_FALSE(leases_.EndFill(fill, true));
  EXPECT_TRUE(leases_.EndFill(other, true));
}

TEST_F(KvLeasesTest, AHostThatLeftIsWaitedForUntilItsLeaseEnds) {
  Fill(first_, kOne);
  leases_.Leave(first_);
  Change(kOne);
  EXPECT_EQ(done_, 0) << "its process may live on for a moment";
  EXPECT_THAT(Drops(first_), IsEmpty());
  Pass(KvLeases::kLease);
  EXPECT_EQ(done_, 1);
  Change(kOne);
  EXPECT_EQ(done_, 2);
}

TEST_F(KvLeasesTest, AFillOfAHostThatLeftComesToNothing) {
  const auto fill = leases_.BeginFill("h1", kOne);
  leases_.Leave(first_);
  EXPECT_FALSE(leases_.EndFill(fill, true));
}

TEST_F(KvLeasesTest, WhatAHostMakesUpChangesNothing) {
  Fill(first_, kOne);
  leases_.OnDropped(first_, 7);
  leases_.OnDropped(FakeHostPort("nobody"), 1);
  Change(kOne);
  leases_.OnDropped(first_, 0);
  leases_.OnDropped(first_, 2);
  EXPECT_EQ(done_, 0);
  leases_.OnDropped(first_, 1);
  leases_.OnDropped(first_, 1);
  EXPECT_EQ(done_, 1);
}

TEST_F(KvLeasesTest, ManyPlacesGoInPacketsOfTheirOwn) {
  std::vector<registry::KvPlace> places;
  for (int i = 0; i < 1000; ++i) {
    places.push_back({"space", std::string(500, 'k') + std::to_string(i)});
    Fill(first_, places.back());
  }
  leases_.Changed(places, [this] { ++done_; });
  const auto drops = first_.SentOf<registry::DropKv>();
  EXPECT_GT(drops.size(), 10U);
  for (const FakeHostPort::Sent& sent : first_.sent) {
    EXPECT_LT(registry::EncodeToHost(sent.message).bytes.size(),
              net::kMaxPacketBytes);
  }
  leases_.OnDropped(first_, drops.back()->number - 1);
  EXPECT_EQ(done_, 0);
  leases_.OnDropped(first_, drops.back()->number);
  EXPECT_EQ(done_, 1);
}

TEST_F(KvLeasesTest, ALeaseIsRenewedWhileAHostHasEntries) {
  Pass(KvLeases::kRenewal);
  EXPECT_THAT(first_.SentOf<registry::LeaseKv>(), IsEmpty());
  Fill(first_, kOne);
  for (int i = 0; i < 5; ++i) Pass(KvLeases::kRenewal);
  const auto leases = first_.SentOf<registry::LeaseKv>();
  EXPECT_EQ(leases.size(), 6U);
  EXPECT_EQ(leases.back()->until_ns,
            std::chrono::nanoseconds(
                (clock_.Steady() + KvLeases::kLease).time_since_epoch())
                .count());
  EXPECT_THAT(second_.SentOf<registry::LeaseKv>(), IsEmpty());
}

TEST_F(KvLeasesTest, AtFirstChangesWaitForWhatAFormerCaraveldAllowed) {
  KvLeases leases(*loop_, clock_);
  leases.Changed({kOne}, [this] { ++done_; });
  Pass(KvLeases::kLease - std::chrono::milliseconds(1));
  EXPECT_EQ(done_, 0);
  Pass(std::chrono::milliseconds(1));
  EXPECT_EQ(done_, 1);
}

TEST_F(KvLeasesTest, AFormerCaraveldsLeasesEndByTheClockNotByTheRound) {
  KvLeases leases(*loop_, clock_);
  clock_.Advance(std::chrono::milliseconds(400));
  // The loop's time is still that at which its round began.
  leases.Changed({kOne}, [this] { ++done_; });
  Pass(std::chrono::milliseconds(300));
  EXPECT_EQ(done_, 0);
  Pass(std::chrono::milliseconds(300));
  EXPECT_EQ(done_, 1);
}

TEST_F(KvLeasesTest, ANamespaceIsDroppedWhole) {
  Fill(first_, kOne);
  const auto fill = leases_.BeginFill("h1", kTwo);
  Change({"space", ""});
  EXPECT_EQ(first_.SentOf<registry::DropKv>().back()->places,
            std::vector{(registry::KvPlace{"space", ""})});
  EXPECT_THAT(Drops(second_), IsEmpty()) << "it has nothing";
  EXPECT_EQ(done_, 0);
  EXPECT_FALSE(leases_.EndFill(fill, true));
  leases_.OnDropped(first_, 1);
  EXPECT_EQ(done_, 1);
}

}  // namespace
}  // namespace caravel::daemon
