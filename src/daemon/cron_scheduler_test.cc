#include "daemon/cron_scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "daemon/client/testing/temporary_folder.h"
#include "registry/registry.h"
#include "storage/database_log.h"
#include "storage/sqlite_database.h"

namespace caravel::daemon {
namespace {

using registry::CronOutcome;
using registry::CronRun;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A clock that two threads look at.
class SharedClock final : public base::Clock {
 public:
  explicit SharedClock(base::WallTime start) : start_(start) {}
  base::SteadyTime Steady() const override {
    return base::SteadyTime(passed_.load());
  }
  base::WallTime Wall() const override { return start_ + passed_.load(); }
  void Advance(std::chrono::seconds by) { passed_ = passed_.load() + by; }

 private:
  const base::WallTime start_;
  std::atomic<std::chrono::seconds> passed_{};
};

// Notes that something could not be done.
class WatchedLog final : public base::Log {
 public:
  void Write(base::LogLevel level, std::string_view, Values) override {
    if (level == base::LogLevel::kError) has_error_ = true;
  }
  bool has_error() const { return has_error_; }

 private:
  std::atomic<bool> has_error_ = false;
};

class FakeLogs final : public LogSink {
 public:
  void Append(const registry::LogEvent& event) override {
    told.push_back(event.outcome + ": " + event.logs.at(0).message);
  }
  void CountDropped(uint64_t) override {}
  std::vector<std::string> told;
};

class FakeRunner final : public ScheduledRunner {
 public:
  void RunScheduled(const registry::WorkerId&, const std::string& cron,
                    base::WallTime slot, Done done) override {
    runs.push_back(cron + " " + base::FormatTime(slot).substr(11, 5));
    dones.push_back(std::move(done));
  }
  std::vector<std::string> runs;
  std::vector<Done> dones;
};

// Time stands still but where a test says; the loop is real.
class CronSchedulerTest : public testing::Test {
 protected:
  void SetUp() override {
    database_ = storage::SqliteDatabase::Open(folder_.path("database")).value();
    changes_ = storage::DatabaseLog::Open(*database_).value();
    registry_ =
        registry::Registry::Open(
            *database_, *changes_,
            registry::SecretBox(registry::SecretBox::Key{7}), clock_, {})
            .value();
    crons_.emplace(*database_, clock_);
    const auto account = registry_->EnsureBootstrap().value().account.id;
    registry::NewVersion version;
    version.bundle_digest = "digest";
    version.compatibility_date = "2026-01-01";
    worker_ =
        registry_->Publish(account, "hello", version, {}).value().worker.id;
  }

  void Schedule(const std::string& cron) {
    ASSERT_TRUE(crons_->Set(worker_, {cron}));
  }
  void Begin() {
    scheduler_.emplace(CronScheduler::Parts{.loop = *loop_,
                                            .clock = clock_,
                                            .log = log_,
                                            .crons = *crons_,
                                            .runner = runner_,
                                            .logs = logs_});
    scheduler_->Start();
  }
  // Lets time pass, which the scheduler is told of.
  void Pass(std::chrono::seconds time) {
    clock_.Advance(time);
    if (scheduler_) scheduler_->Nudge();
  }
  template <typename Condition>
  void RunUntil(Condition condition) {
    while (!condition()) loop_->Poll(std::chrono::milliseconds(5));
  }
  std::vector<std::string> Runs() {
    std::vector<std::string> runs;
    const auto kept = crons_->Runs(worker_, 100).value();
    for (const auto& run : kept) {
      runs.push_back(
          fmt::format("{} {}", static_cast<int>(run.outcome), run.detail));
    }
    return runs;
  }

  testing_support::TemporaryFolder folder_;
  SharedClock clock_{std::chrono::sys_days(std::chrono::January / 1 / 2026) +
                     std::chrono::seconds(30)};
  WatchedLog log_;
  std::unique_ptr<storage::SqliteDatabase> database_;
  std::unique_ptr<storage::DatabaseLog> changes_;
  std::unique_ptr<registry::Registry> registry_;
  std::optional<registry::Crons> crons_;
  registry::WorkerId worker_;
  base::SystemClock real_clock_;
  std::unique_ptr<net::EventLoop> loop_ =
      net::EventLoop::Create(real_clock_).value();
  FakeRunner runner_;
  FakeLogs logs_;
  std::optional<CronScheduler> scheduler_;
};

TEST_F(CronSchedulerTest, AMinuteIsDispatchedOnceAndItsEndIsKept) {
  Schedule("* * * * *");
  Begin();
  Pass(std::chrono::seconds(30));
  RunUntil([&] { return !runner_.runs.empty(); });
  Pass(std::chrono::seconds(10));
  Pass(std::chrono::seconds(50));
  RunUntil([&] { return runner_.runs.size() == 2; });
  EXPECT_THAT(runner_.runs, ElementsAre("* * * * * 00:01", "* * * * * 00:02"));
  runner_.dones[0]({});
  runner_.dones[1](Error(ErrorCode::kInternal, "it threw"));
  RunUntil(
      [&] { return Runs() == std::vector<std::string>{"2 it threw", "1 "}; });
  EXPECT_THAT(logs_.told, IsEmpty());
}

TEST_F(CronSchedulerTest, ASchedulePutLaterIsHeardOf) {
  Begin();
  Schedule("* * * * *");
  Pass(std::chrono::seconds(40));
  RunUntil([&] { return !runner_.runs.empty(); });
}

TEST_F(CronSchedulerTest, WhatWasMissedIsToldAndNotMadeUpFor) {
  Schedule("*/10 * * * *");
  Pass(std::chrono::hours(1) + std::chrono::minutes(5));
  Begin();
  RunUntil([&] { return !logs_.told.empty(); });
  EXPECT_THAT(logs_.told,
              ElementsAre(HasSubstr("missed: [\"6 missed, the first at "
                                    "2026-01-01T00:10")));
  EXPECT_THAT(Runs(), ElementsAre(HasSubstr("4 6 missed")));
  Pass(std::chrono::minutes(5));
  RunUntil([&] { return !runner_.runs.empty(); });
  EXPECT_THAT(runner_.runs, ElementsAre("*/10 * * * * 01:10"));
}

TEST_F(CronSchedulerTest, TheMinuteThatRunsIsDispatchedAfterOthersWereMissed) {
  Schedule("* * * * *");
  Pass(std::chrono::minutes(3));
  Begin();
  RunUntil([&] { return !runner_.runs.empty(); });
  EXPECT_THAT(runner_.runs, ElementsAre("* * * * * 00:03"));
  EXPECT_THAT(Runs(), ElementsAre("0 ", HasSubstr("4 2 missed")));
}

TEST_F(CronSchedulerTest, WhatAHostDidNotEndIsInterrupted) {
  Schedule("* * * * *");
  Begin();
  Pass(std::chrono::seconds(30));
  RunUntil([&] { return !runner_.runs.empty(); });
  runner_.dones[0](Error(ErrorCode::kUnavailable, "its host ended"));
  RunUntil(
      [&] { return Runs() == std::vector<std::string>{"3 its host ended"}; });
  RunUntil([&] { return !logs_.told.empty(); });
  EXPECT_THAT(logs_.told, ElementsAre("interrupted: [\"its host ended\"]"));
}

TEST_F(CronSchedulerTest, WhatCaraveldDidNotSeeEndIsInterrupted) {
  Schedule("* * * * *");
  const CronRun run{.worker = worker_,
                    .cron = "* * * * *",
                    .slot = clock_.Wall() + std::chrono::seconds(30),
                    .outcome = CronOutcome::kRunning,
                    .detail = {}};
  ASSERT_EQ(crons_->Claim({run}).value().size(), 1U);
  Begin();
  RunUntil([&] { return !logs_.told.empty(); });
  EXPECT_THAT(logs_.told, ElementsAre(HasSubstr("caraveld ended while")));
  EXPECT_THAT(Runs(), ElementsAre("3 "));
}

TEST_F(CronSchedulerTest, AClockThatIsSetBackHoldsNothingUp) {
  Schedule("* * * * *");
  Begin();
  constexpr std::chrono::seconds kDay = std::chrono::hours(24);
  Pass(kDay);
  RunUntil([&] { return runner_.runs.size() == 1; });
  Pass(std::chrono::seconds(30) - kDay);
  RunUntil(
      [&] { return crons_->Of(worker_).value()[0].seen <= clock_.Wall(); });
  Pass(std::chrono::seconds(60));
  RunUntil([&] { return runner_.runs.size() == 2; });
  EXPECT_EQ(runner_.runs[1], "* * * * * 00:02");
}

TEST_F(CronSchedulerTest, WhatCannotBeClaimedIsClaimedOnceItCan) {
  Schedule("* * * * *");
  Begin();
  const auto rename = [this](const char* statement) {
    ASSERT_TRUE(database_->Transact(
        [statement](storage::Transaction& transaction) -> Status {
          CARAVEL_TRY(transaction.Execute(statement));
          return {};
        }));
  };
  // As a database that cannot write.
  rename("ALTER TABLE cron_runs RENAME TO gone");
  Pass(std::chrono::seconds(30));
  RunUntil([&] { return log_.has_error(); });
  rename("ALTER TABLE gone RENAME TO cron_runs");
  Pass(std::chrono::seconds(5));
  RunUntil([&] { return !runner_.runs.empty(); });
  EXPECT_THAT(runner_.runs, ElementsAre("* * * * * 00:01"));
}

TEST_F(CronSchedulerTest, MayGoWhileAnEventRuns) {
  Schedule("* * * * *");
  Begin();
  Pass(std::chrono::seconds(30));
  RunUntil([&] { return !runner_.dones.empty(); });
  scheduler_.reset();
  runner_.dones[0]({});
}

}  // namespace
}  // namespace caravel::daemon
