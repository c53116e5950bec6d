// The takeover protocol with fake turns: run under the thread sanitizer.
#include "host/driver.h"

#include <gtest/gtest.h>

#include <deque>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace caravel::host {
namespace {

// A shard without a loop: its plain members are touched by drivers only, so a
// driver that goes on after it lost the seat is a data race that TSan reports.
class FakeShard final : public Drivable {
 public:
  class FakeTurn final : public Turn {
   public:
    FakeTurn(FakeShard& shard, int isolate, bool overrun)
        : shard_(shard), isolate(isolate), overrun(overrun) {}
    void Run(runtime::RunGuard&) override {
      ++runs;
      if (overrun) shard_.WaitUntilTakenOver();
    }

   private:
    FakeShard& shard_;

   public:
    const int isolate;
    const bool overrun;
    int runs = 0;
  };

  FakeShard(Seat& seat, int turns) : seat_(seat), left_(turns) {}

  bool BeginRound() override {
    ++rounds_;
    {
      const base::MutexLock lock(mutex_);
      while (!mailbox_.empty()) {
        returned_.push_back(std::move(mailbox_.front()));
        mailbox_.pop_front();
      }
    }
    for (std::unique_ptr<Turn>& turn : returned_) Finished(std::move(turn));
    returned_.clear();
    return finished_ < kTurns;
  }
  std::unique_ptr<Turn> NextTurn() override {
    if (left_ == 0) {
      std::this_thread::yield();
      return nullptr;
    }
    --left_;
    const int isolate = left_ % 7;
    if (busy_[isolate]) {  // its turn has been captured
      ++left_;
      std::this_thread::yield();
      return nullptr;
    }
    busy_[isolate] = true;
    return std::make_unique<FakeTurn>(*this, isolate, left_ % 16 == 0);
  }
  void Finished(std::unique_ptr<Turn> turn) override {
    auto& fake = static_cast<FakeTurn&>(*turn);
    EXPECT_EQ(fake.runs, 1);
    EXPECT_TRUE(busy_[fake.isolate]);
    busy_[fake.isolate] = false;
    ++finished_;
  }
  void EndRound() override { ++rounds_; }
  void PostFinished(std::unique_ptr<Turn> turn) override {
    const base::MutexLock lock(mutex_);
    mailbox_.push_back(std::move(turn));
  }

  void WaitUntilTakenOver() {
    const Seat::Epoch mine = seat_.epoch();
    overrunning_.store(mine, std::memory_order_release);
    while (seat_.epoch() == mine) std::this_thread::yield();
  }
  Seat::Epoch overrunning() const {
    return overrunning_.load(std::memory_order_acquire);
  }
  int finished() const { return finished_; }

  static constexpr int kTurns = 2000;

 private:
  Seat& seat_;
  std::atomic<Seat::Epoch> overrunning_{0};
  // Of the driver alone.
  int left_;
  int finished_ = 0;
  int rounds_ = 0;
  bool busy_[7] = {};
  std::vector<std::unique_ptr<Turn>> returned_;
  base::Mutex mutex_;
  std::deque<std::unique_ptr<Turn>> mailbox_ CARAVEL_GUARDED_BY(mutex_);
};

TEST(DriverTest, SpareThreadsTakeOverAndEveryTurnFinishesOnce) {
  Seat seat;
  FakeShard shard(seat, FakeShard::kTurns);
  std::atomic<bool> done{false};
  std::vector<std::thread> drivers;
  const auto drive = [&](Seat::Epoch epoch) {
    runtime::RunGuard guard;
    Drive(seat, epoch, shard, guard);
    if (seat.epoch() == epoch) done.store(true, std::memory_order_release);
  };
  drivers.emplace_back(drive, seat.epoch());
  while (!done.load(std::memory_order_acquire)) {
    const Seat::Epoch seen = shard.overrunning();
    if (seen == seat.epoch()) {
      const std::optional<Seat::Epoch> next = seat.TakeOver(seen);
      if (next) drivers.emplace_back(drive, *next);
    }
    std::this_thread::yield();
  }
  for (std::thread& driver : drivers) driver.join();
  EXPECT_EQ(shard.finished(), FakeShard::kTurns);
  EXPECT_GT(drivers.size(), 50U);
}

TEST(SeatTest, OnlyARunningTurnCanBeTakenOver) {
  Seat seat;
  const Seat::Epoch epoch = seat.epoch();
  EXPECT_FALSE(seat.TakeOver(epoch));
  seat.BeginTurn(epoch);
  EXPECT_FALSE(seat.TakeOver(epoch + 1));
  EXPECT_EQ(seat.TakeOver(epoch), epoch + 1);
  EXPECT_FALSE(seat.EndTurn(epoch));
  EXPECT_FALSE(seat.TakeOver(epoch));
}

TEST(SeatTest, ATurnThatEndsInTimeKeepsTheSeat) {
  Seat seat;
  const Seat::Epoch epoch = seat.epoch();
  seat.BeginTurn(epoch);
  EXPECT_TRUE(seat.EndTurn(epoch));
  EXPECT_EQ(seat.epoch(), epoch);
}

}  // namespace
}  // namespace caravel::host
